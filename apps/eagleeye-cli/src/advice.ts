const spelling = 'Check the spelling of --base-url; without it, the hosts of the vendor are asked.'

/** What to do about an error, by its code or the vendor's. */
export const advice: Readonly<Record<string, string>> = {
  AUTHENTICATION: 'The password was sent once and not tried again, so that the account is not locked.',
  'no-login':
    'It takes a minute and lasts for 90 days, for this client id and this user of this machine; CAM_STATE_DIR names another folder for it.',
  'login-over': 'Nothing is lost by that: what is missing is fetched by the next run.',
  invalid_grant: 'Nothing is lost by that: what is missing is fetched by the next run.',
  invalid_client:
    'They are --client-id and --client-secret, and stand on the page of your application at the vendor; a client without a secret is given none.',
  'two-factor': 'Here that option is --tfa-key, better CAM_EAGLEEYE_TFA_KEY in the environment.',
  session: 'With --api classic: an API key is given with --api-key, and --api-key-header says how it is spelt.',
  'consent-denied': 'Run eagleeye-cli login again, and choose to allow it there.',
  'consent-state': 'Run eagleeye-cli login again, and open the address that it prints then.',
  'consent-late': 'Run eagleeye-cli login again when somebody is there to open the address.',
  'untrusted-host': "If that host is the vendor's, please report it: only a new version of this program can trust it.",
  PERMISSION: '',
  PROTOCOL: 'Check --base-url and --api: a proxy, a login page or the other interface may answer there.',
  NOT_FOUND: 'Check --base-url and --api: each interface has a host of its own.',
  REQUEST: 'Check --base-url and --api, and that this program is up to date.',
  ENOTFOUND: spelling,
  EAI_AGAIN: spelling,
  ECONNREFUSED: 'Check --base-url; without it, the hosts of the vendor are asked.',
  NETWORK: 'Check the network between here and the vendor, and --base-url where you gave one.',
}
