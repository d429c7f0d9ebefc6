import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { disk } from '../transfer/disk.ts'
import { readSmall } from './small-file.ts'

/** Tells one process from every other, also from a later one with the same number. */
export interface ProcessIdentity {
  readonly host: string
  readonly pid: number
  /** Changes with each start of the machine; absent where the system does not tell. */
  readonly boot?: string
  /** When the first process that this one sees began: another container on the same machine sees another one, and numbers differently. */
  readonly init?: string
  /** When the process began, in the system's own units; absent where the system does not tell. */
  readonly started?: string
}

/** This process, as another one on this host would recognise it. */
export async function thisProcess(): Promise<ProcessIdentity> {
  // Machines cloned from one image share a name; their machine ids differ.
  const machine = await textOf('/etc/machine-id')
  const boot = await textOf('/proc/sys/kernel/random/boot_id')
  const init = await startOf(1)
  const started = await startOf(process.pid)
  return {
    host: machine ? `${hostname()}/${createHash('sha256').update(machine).digest('hex').slice(0, 12)}` : hostname(),
    pid: process.pid,
    ...(boot ? { boot } : {}),
    ...(init ? { init } : {}),
    ...(started ? { started } : {}),
  }
}

/** Whether the process still runs: `unknown` on another host, or where the system tells too little. */
export async function livenessOf(owner: ProcessIdentity, us: ProcessIdentity): Promise<'alive' | 'dead' | 'unknown'> {
  if (owner.host !== us.host) return 'unknown'
  if (owner.boot !== undefined && us.boot !== undefined && owner.boot !== us.boot) return 'dead'
  // Its number means nothing here: only its signs of life do.
  if (owner.init !== undefined && us.init !== undefined && owner.init !== us.init) return 'unknown'
  if (!exists(owner.pid)) return 'dead'
  const started = await startOf(owner.pid)
  if (owner.started === undefined || started === undefined) return 'unknown'
  return owner.started === started ? 'alive' : 'dead'
}

function exists(number: number): boolean {
  try {
    process.kill(number, 0)
    return true
  } catch (error) {
    // EPERM: it runs, as another user.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** Linux tells it as the 22nd field of `stat`; the second one may hold spaces and brackets. */
async function startOf(number: number): Promise<string | undefined> {
  const stat = await textOf(`/proc/${number}/stat`)
  return stat
    ?.slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .at(19)
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return (await readSmall(disk, path))?.trim()
  } catch {
    return undefined
  }
}
