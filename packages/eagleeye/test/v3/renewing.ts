// Lists the cameras of an account with the login that is stored in a folder: a process beside others that do the same.
import { once } from 'node:events'
import { fileSessionStore } from '../../../cli-kit/src/state/session-store.ts'
import { type EagleEyeOptions, eagleEye } from '../../src/index.ts'

const [, , folder = '', written = '{}'] = process.argv
const options = JSON.parse(written) as EagleEyeOptions
await using source = eagleEye({ ...options, sessions: fileSessionStore(folder) })
process.stdout.write('ready\n')
await once(process.stdin, 'data')
process.stdin.destroy()
let cameras = 0
for await (const _ of source.cameras({ signal: AbortSignal.timeout(20_000) })) cameras++
process.stdout.write(`${cameras} cameras\n`)
