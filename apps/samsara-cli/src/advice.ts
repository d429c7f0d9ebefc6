const spelling = 'Check --region, and the spelling of --base-url where you gave one.'

/** What to do about an error, by its code or the vendor's. */
export const advice: Readonly<Record<string, string>> = {
  AUTHENTICATION:
    'Tokens are made and shown once in the dashboard: Settings, API Tokens. One of an organisation in Europe is good with --region eu only, one in Canada with --region ca.',
  PERMISSION:
    'Tokens get their scopes in the dashboard: Settings, API Tokens. Needed: Read Vehicles, Read Media Retrieval, Write Media Retrieval, and Read Org Information, which tells what this organisation has ordered already.',
  PROTOCOL: 'Check --base-url: a proxy or a login page may answer there.',
  NOT_FOUND: 'Check --region and --base-url.',
  REQUEST: 'Check --region and --base-url, and that this program is up to date.',
  SERVER: 'The fault is on the other side: run the same line again later. What is ordered is not ordered again.',
  RATE_LIMITED:
    'Limits count for the whole organisation: another program may use them up. Run the same line again later.',
  QUOTA: 'What is ordered is still collected by the same line.',
  ENOTFOUND: spelling,
  EAI_AGAIN: spelling,
  ECONNREFUSED: spelling,
  NETWORK: 'Check the network between here and Samsara, and --base-url where you gave one.',
}
