import { admit, isRefused, spentFor } from './access.ts'
import { type Call, reset, sendPage, sendReplies, sendText } from './call.ts'
import type { Cipher } from './cipher.ts'
import { type Command, readCommands, run } from './commands.ts'
import { login, logout } from './login.ts'
import { type CommandReply, refused, wireJson } from './wire.ts'

/** More commands than this are too many for one request. */
const longestBatch = 35

/** A list of commands by POST, or one by GET. */
export async function jsonApi(call: Call): Promise<void> {
  const { exchange, device, query } = call
  const cipher = device.sessions.of(query.get('token') ?? '')?.cipher
  if (cipher && query.has('encrypt')) return encryptedApi(call, cipher)
  const body = exchange.method === 'POST' ? (await exchange.body()).toString() : undefined
  if (body !== undefined) exchange.entry.requestBody = loggable(body)
  const commands = body === undefined ? [byQuery(call)] : readCommands(body)
  if (!commands) return sendReplies(call, [refused('Unknown', -10)])
  const [first] = commands
  exchange.entry.node = commands.length === 1 ? nodeOf(first!.cmd) : 'batch'
  if (first!.cmd === 'Login') return login(call, first!)
  await answer(call, commands, (replies) => sendReplies(call, replies))
}

/** The same after an encrypted login; failures of the envelope are plain. */
async function encryptedApi(call: Call, cipher: Cipher): Promise<void> {
  const { exchange } = call
  const cmd = spentFor(call, cipher)
  if (cmd === undefined) return sendReplies(call, [refused('Unknown', -301)])
  exchange.entry.node = nodeOf(cmd)
  const text = cipher.decrypt((await exchange.body()).toString())
  if (text !== undefined) exchange.entry.requestBody = loggable(text)
  const commands = text === undefined ? undefined : readCommands(text)
  if (!commands || commands[0]!.cmd !== cmd) return sendReplies(call, [refused(cmd, -310)])
  await answer(call, commands, (replies) => sendText(call, 200, cipher.encrypt(wireJson(replies))))
}

type Send = (replies: readonly CommandReply[]) => Promise<void>

async function answer(call: Call, commands: readonly Command[], send: Send): Promise<void> {
  const { device, exchange } = call
  const { switches } = device
  const [{ cmd }] = commands as [Command]
  // Sooner than the token is looked at, for it may be that there is none.
  if (cmd === 'Logout') return sendLogout(call, send)
  const caller = admit(call, cmd, 'command')
  if (isRefused(caller)) return send([caller])
  if (commands.length > longestBatch) {
    device.violation(`a batch of ${commands.length} commands`)
    return send([refused(cmd, -16)])
  }
  if (switches.jsonMs > 0) await device.clock.wait(switches.jsonMs, exchange.gone)
  if (commands.some((one) => one.cmd === switches.poison)) return send([refused(cmd, -8)])
  const fault = faultOf(call, commands)
  if (/^-\d+$/.test(fault)) return send(commands.map((one) => refused(one.cmd, Number(fault))))
  const replies: CommandReply[] = []
  for (const command of commands) replies.push(await run(call, command, caller))
  await sendFaulty(call, replies, fault, send)
  if (commands.some((one) => one.cmd === 'Reboot')) device.reboot()
}

async function sendLogout(call: Call, send: Send): Promise<void> {
  const reply = logout(call)
  if (call.device.switches.logoutAnswer === 'text' && reply.code === 0) return sendText(call, 200, '8f2b07c1aa')
  return send([reply])
}

function faultOf({ device }: Call, commands: readonly Command[]): string {
  const { jsonFault, jsonFaultCommand, jsonFaultTimes } = device.switches
  if (jsonFault === 'none') return 'none'
  if (jsonFaultCommand !== '' && !commands.some(({ cmd }) => cmd === jsonFaultCommand)) return 'none'
  return device.countedBefore('jsonFault') < jsonFaultTimes ? jsonFault : 'none'
}

async function sendFaulty(call: Call, replies: readonly CommandReply[], fault: string, send: Send): Promise<void> {
  if (fault === 'none') return send(replies)
  if (fault === 'reset') return reset(call)
  if (fault === '404') return sendPage(call, 404, 'Not Found')
  if (fault === '502') return sendPage(call, 502, 'Bad Gateway')
  if (fault === 'html') return sendText(call, 200, '<!DOCTYPE html><html><body>Loading</body></html>')
  if (fault === 'empty') return sendText(call, 200, '')
  const text = Buffer.from(wireJson(replies))
  if (fault === 'cut') return sendText(call, 200, text.toString().slice(0, text.length >> 1))
  // A byte that begins nothing, in the middle of the first string.
  text[text.indexOf('"cmd"') + 9] = 0xff
  return call.exchange.reply(200, { headers: { 'Content-Type': 'text/html' }, body: text })
}

/** `?cmd=GetDevInfo&channel=0`. */
function byQuery({ query }: Call): Command {
  const channel = query.get('channel')
  const param = channel === undefined ? {} : { channel: Number(channel) }
  return { cmd: query.get('cmd') ?? '', action: 0, param }
}

const loggable = (body: string) => body.slice(0, 2000).replace(/("password"\s*:\s*)"[^"]*"?/g, '$1"…"')

const nodeOf = (cmd: string) => (/^[A-Z]\w{1,40}$/.test(cmd) ? cmd : 'other')
