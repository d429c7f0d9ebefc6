import { spawn } from 'node:child_process'
import { type Clock, RequestError, UnavailableError } from '@cam/download-core/source'
import { cleanText } from '../render/clean.ts'
import { clippedBytes } from '../render/measures.ts'
import type { Message } from '../render/message.ts'
import type { CommandTarget } from '../target.ts'

/** How one command is run. */
export interface Running {
  /** Ends the command: SIGTERM, and after `graceMs` SIGKILL. */
  readonly signal: AbortSignal
  readonly clock: Clock
  /** What the command inherits, without any CAM_ variable: those hold our own settings and passwords. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly graceMs?: number
}

/** Fewer than a reason may be long: the last words are the ones that tell. */
const errorBytes = 1000
/** Well below what a system takes as one variable. */
const variableBytes = 30_000

/**
 * Runs a command without a shell: the notice as JSON on stdin, its essence in CAM_ variables. Resolves once it has ended
 * with 0; throws a CamError with its last words otherwise, and the signal's own reason after ending it. What the command has
 * started itself is left alone.
 */
export function runCommand(target: CommandTarget, message: Message, id: string, o: Running): Promise<void> {
  return new Promise((resolve, reject) => {
    if (o.signal.aborted) return reject(o.signal.reason)
    const child = spawn(target.file, target.args, {
      env: { ...inherited(o.env), ...variables(message) },
      stdio: ['pipe', 'ignore', 'pipe'],
      windowsHide: true,
    })
    const over = new AbortController()
    let said = Buffer.alloc(0)
    const onAbort = () => {
      child.kill('SIGTERM')
      o.clock.wait(o.graceMs ?? 5000, over.signal).then(
        () => child.kill('SIGKILL'),
        () => {},
      )
    }
    const settle = (error?: unknown) => {
      over.abort()
      o.signal.removeEventListener('abort', onAbort)
      // A process of the command's own may hold them open for as long as it likes.
      child.stdin.destroy()
      child.stderr.destroy()
      if (o.signal.aborted) reject(o.signal.reason)
      else if (error) reject(error)
      else resolve()
    }
    child.once('error', (error: NodeJS.ErrnoException) =>
      settle(new UnavailableError(`${target.label}: could not be started (${error.code ?? error.message}).`)),
    )
    child.once('exit', (code, killedBy) => {
      if (code === 0 || o.signal.aborted) return settle()
      const end = () => {
        const ended = code === null ? `was ended by ${killedBy}` : `ended with ${code}`
        const words = cleanText(said.toString('utf8')).trim()
        settle(new RequestError(`${target.label}: ${ended}${words ? `: ${words}` : '.'}`))
      }
      // Its last words may still be in the pipe, and the pipe may stay open.
      child.once('close', end)
      o.clock.wait(500, over.signal).then(end, () => {})
    })
    child.stderr.on('data', (chunk: Buffer) => {
      said = Buffer.concat([said, chunk]).subarray(-errorBytes)
    })
    // A command need not read.
    child.stdin.on('error', () => {})
    child.stdin.end(`${JSON.stringify({ ...message.json, id })}\n`)
    o.signal.addEventListener('abort', onAbort, { once: true })
  })
}

function inherited(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^CAM_/i.test(name)))
}

function variables({ subject, notice }: Message): Record<string, string> {
  const about = { CAM_EVENT: notice.event, CAM_SUBJECT: subject }
  const summary = notice.event === 'digest' ? notice.total : notice.summary
  const counts = summary ? { CAM_SUMMARY_JSON: JSON.stringify(summary) } : {}
  if (notice.event === 'digest') return { ...about, ...counts }
  const { runId, exitCode, error, vendor, source } = notice
  return {
    ...about,
    ...counts,
    CAM_VENDOR: vendor,
    CAM_SOURCE: source,
    ...(runId ? { CAM_RUN_ID: runId } : {}),
    ...(exitCode === undefined ? {} : { CAM_EXIT_CODE: String(exitCode) }),
    ...(error ? { CAM_ERROR: clippedBytes(error.message, variableBytes) } : {}),
  }
}
