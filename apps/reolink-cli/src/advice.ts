/** What to do about an error, by its code or the vendor's. */
export const advice: Readonly<Record<string, string>> = {
  AUTHENTICATION:
    'The password was sent once and not tried again: a few wrong ones lock the account for minutes. It is the one of the device itself, not of an account in the app.',
  PERMISSION: 'The account needs the rights of an administrator, or of a user who may play recordings.',
  BUSY: 'A device has few places for logins, and each lasts an hour unless it is ended: `reolink-cli sessions` shows them, --kick ID ends one, and a restart of the device ends all.',
  PROTOCOL: 'Check --host: the web page of the device itself is wanted there, and http or https as it has it.',
  ENOTFOUND: 'Check the spelling of --host, or give the IP address of the device.',
  EAI_AGAIN: 'Check the spelling of --host, or give the IP address of the device.',
  ECONNREFUSED:
    'Newer devices speak https only: put https:// in front of the address. Where they have http and https switched off, switch them on: in the app, Settings, Network, Advanced, Server Settings (port settings). Cameras with a battery have neither, other than through a hub.',
  TLS_UNTRUSTED: 'Devices sign their own certificates, so that is expected the first time.',
  NETWORK:
    'Check --host, with https:// in front where the device speaks that alone, and the network between here and the device.',
  NOT_FOUND: 'What there is, `reolink-cli sessions` and `reolink-cli cameras` show.',
}
