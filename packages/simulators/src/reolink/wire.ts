/** JSON as the vendor's firmware prints it: three spaces, a space on both sides of the colon, keys in order. */
export function wireJson(value: unknown): string {
  return `${printed(value, '')}\n`
}

function printed(value: unknown, indent: string): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  const deeper = `${indent}   `
  const lines = Array.isArray(value)
    ? value.map((item) => printed(item, deeper))
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, item]) => `${JSON.stringify(key)} : ${printed(item, deeper)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  if (lines.length === 0) return `${open}${close}`
  return `${open}\n${lines.map((line) => deeper + line).join(',\n')}\n${indent}${close}`
}

/** A command's failure, as it stands under `error`. */
export interface Refusal {
  readonly rspCode: number
  readonly detail: string
  readonly auth_warning_info?: { readonly remain_times: number; readonly unlock_time: number }
}

/** The reply to one command. */
export type CommandReply =
  | {
      readonly cmd: string
      readonly code: 0
      readonly value: unknown
      readonly initial?: unknown
      readonly range?: unknown
    }
  | { readonly cmd: string; readonly code: 1; readonly error: Refusal }

const details: Readonly<Record<number, string>> = {
  ...{ [-1]: 'not exist', [-4]: 'param error', [-5]: 'max session', [-6]: 'please login first', [-7]: 'login failed' },
  ...{ [-8]: 'timeout', [-9]: 'not support', [-10]: 'protocol', [-12]: 'get config failed', [-16]: 'send failed' },
  ...{ [-17]: 'rcv failed', [-21]: 'error token', [-26]: 'ability error', [-46]: 'digest authentication failed' },
  ...{ [-47]: 'digest nonce expired', [-48]: 'fetching a picture failed', [-49]: 'channel invalid' },
  ...{ [-99]: 'device offline', [-105]: 'frequent logins, please try again later' },
  ...{
    [-220]: 'error downloading video file',
    [-221]: 'busy video recording task',
    [-222]: 'video file does not exist',
  },
  ...{ [-301]: 'digest nonce error', [-310]: 'AES decryption failure', [-502]: 'password wrong' },
}

export const done = (cmd: string, value: unknown = { rspCode: 200 }): CommandReply => ({ cmd, code: 0, value })

/** A failure in the vendor's words. */
export function refused(cmd: string, rspCode: number, more: Partial<Refusal> = {}): CommandReply {
  return { cmd, code: 1, error: { rspCode, detail: details[rspCode] ?? 'error', ...more } }
}
