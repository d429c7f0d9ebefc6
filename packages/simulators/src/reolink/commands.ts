import type { Call, Caller } from './call.ts'
import { ability, channelStatus, devInfo, deviceUid, disks, localLink, netPort, recording, time } from './info.ts'
import { fields } from './login.ts'
import { nvrDownload } from './nvr-download.ts'
import { search } from './search.ts'
import { type CommandReply, done, refused } from './wire.ts'

/** One command of a request. */
export interface Command {
  readonly cmd: string
  readonly action: unknown
  readonly param: unknown
}

type Run = (call: Call, command: Command, caller: Caller) => CommandReply | Promise<CommandReply>

/** A command that only tells; `action` 1 asks for the first values too. */
const tells =
  (value: (call: Call, command: Command) => unknown): Run =>
  (call, command) => {
    const told = value(call, command)
    const reply = done(command.cmd, told)
    return command.action === 1 ? { ...reply, initial: told, range: {} } : reply
  }

const onRecorders =
  (run: Run): Run =>
  (call, command, caller) =>
    call.device.profile.type === 'IPC' ? refused(command.cmd, -9) : run(call, command, caller)

const channelOf = ({ param }: Command) => fields(param).channel ?? 0

const known: Readonly<Record<string, Run>> = {
  GetDevInfo: tells(({ device }) => devInfo(device)),
  GetTime: tells(({ device }) => time(device)),
  GetAbility: tells(({ device }) => ability(device)),
  GetNetPort: tells(netPort),
  GetHddInfo: tells(({ device }) => disks(device)),
  GetLocalLink: tells(({ device }) => localLink(device)),
  GetP2p: tells(({ device }) => ({ P2p: { enable: 1, uid: deviceUid(device) } })),
  GetSysCfg: tells(({ device: { switches } }) => ({
    SysCfg: { LockTime: Math.floor(switches.lockMs / 1000), allowedTimes: switches.loginTries, loginLock: 1 },
  })),
  GetRec: tells((_, command) => recording(Number(channelOf(command)))),
  GetRecV20: tells((_, command) => recording(Number(channelOf(command)))),
  GetChannelstatus: onRecorders(tells(({ device }) => channelStatus(device))),
  GetChnTypeInfo: onRecorders((call, command) => {
    const channel = call.device.channel(channelOf(command))
    if (!channel) return refused(command.cmd, -4)
    const { channel: number, typeInfo = '' } = channel
    return done(command.cmd, { channel: number, firmVer: '', hardVer: '', pakSuffix: 'pak', typeInfo })
  }),
  GetOnline: (call, { cmd }, { session: own }) =>
    done(cmd, {
      User: call.device.sessions.all().map(({ id, user, ip, token }) => ({
        ...{ canbeDisconn: token === own?.token ? 0 : 1, ip, level: 'admin', sessionId: id, userName: user },
      })),
    }),
  Disconnect: ({ device }, { cmd, param }) => {
    const { sessionId, userName } = fields(fields(param).User)
    const session = device.sessions.all().find(({ id, user }) => id === sessionId && user === userName)
    if (!session) return refused(cmd, -1)
    device.sessions.end(session, 'disconnected')
    return done(cmd)
  },
  Search: search,
  NvrDownload: nvrDownload,
  CheckDownload: (call, { cmd, param }) => {
    const { filename } = fields(param)
    const there = call.device.seen().some(({ name }) => name === filename)
    if (!there) return refused(cmd, -222)
    return done(cmd, call.device.switches.fileEncryption ? { fileName: filename, prompt: 1 } : { fileName: '' })
  },
}

/** What an archiver has no business with. */
const writes = /^(Set|Format|Restore|Upgrade|Add|Del|Mod|Ptz|Test|Reboot|Shutdown|UpgradePrepare)/

/** Runs one command for somebody who may ask. */
export async function run(call: Call, command: Command, caller: Caller): Promise<CommandReply> {
  const { cmd } = command
  if (writes.test(cmd)) call.device.violation(`${cmd}: it changes the device`)
  if (cmd === 'Reboot') return done(cmd)
  const one = Object.hasOwn(known, cmd) ? known[cmd] : undefined
  return one ? one(call, command, caller) : refused('Unknown', -9)
}

/** The commands of a body; undefined where it is not a list of them. */
export function readCommands(body: string): Command[] | undefined {
  try {
    const list: unknown = JSON.parse(body)
    if (!Array.isArray(list) || list.length === 0) return undefined
    return list.map((one) => {
      const { cmd, action, param } = fields(one)
      return { cmd: typeof cmd === 'string' ? cmd : '', action, param }
    })
  } catch {
    return undefined
  }
}
