import type { Exchange } from './exchange.ts'
import type { VirtualFile } from './virtual-file.ts'

/** How a body goes out. Bytes are counted from the start of this body. */
export interface BodyPlan {
  /** First byte of the file. */
  readonly from: number
  /** Byte after the last. */
  readonly to: number
  /** Bytes per second; 0 is as fast as it goes. */
  readonly rate?: number
  /** Stop after so many bytes, for `stallMs`. */
  readonly stallAt?: number | undefined
  readonly stallMs?: number
  /** End the body after so many bytes. */
  readonly cutAt?: number | undefined
  /** `clean` ends it as if it were complete, `destroy` breaks the connection. */
  readonly cut?: 'clean' | 'destroy'
  /** Bytes sent after the end. */
  readonly extra?: number
  /** Break the connection when the client takes nothing for so long; 0 waits. */
  readonly writeTimeoutMs?: number
  /** Whether the head stated a length. */
  readonly lengthStated: boolean
}

/** Sends a part of a file; returns when the last byte is with the operating system or the connection is gone. */
export async function sendBody(exchange: Exchange, file: VirtualFile, plan: BodyPlan): Promise<void> {
  const closeBody = exchange.log.mediaBody()
  try {
    await send(exchange, file, plan)
  } catch (error) {
    if (!exchange.gone.aborted) throw error
  } finally {
    closeBody()
  }
}

async function send(exchange: Exchange, file: VirtualFile, plan: BodyPlan): Promise<void> {
  const { clock, gone, entry } = exchange
  const { rate = 0, stallAt, stallMs = 0, cut = 'destroy', extra = 0 } = plan
  const whole = plan.to - plan.from
  const isCut = plan.cutAt !== undefined && plan.cutAt < whole
  const end = isCut ? plan.cutAt! : whole
  // A slow body goes in many small pieces, so that nobody sees it stop and go.
  const piece = rate > 0 ? Math.max(1, Math.min(65536, Math.ceil(rate / 20))) : 131072
  const startedAt = clock.now()
  let sent = 0
  let stalled = stallAt === undefined
  while (sent < end) {
    gone.throwIfAborted()
    if (!stalled && sent >= stallAt!) {
      stalled = true
      await clock.wait(stallMs, gone)
    }
    const until = stalled ? end : Math.min(end, Math.max(stallAt!, sent))
    const length = Math.min(piece, until - sent)
    if (length === 0) continue
    const bytes = await file.read(plan.from + sent, length)
    await write(exchange, bytes, plan, sent + length === end)
    sent += length
    entry.bodyBytes += length
    const early = rate > 0 ? (sent / rate) * 1000 - (clock.now() - startedAt) : 0
    if (early > 0) await clock.wait(early, gone)
  }
  if (isCut) {
    entry.ended = 'cut'
    // Also of a body cut at its first byte the head arrives.
    if (end === 0) await write(exchange, new Uint8Array(), plan, true)
    if (cut === 'destroy' || plan.lengthStated) return exchange.drop()
  } else if (extra > 0) {
    await write(exchange, Buffer.alloc(extra, 0x2b), plan, true)
    entry.bodyBytes += extra
  }
  await new Promise<void>((resolve) => {
    exchange.response.once('close', resolve)
    exchange.response.end(resolve)
  })
}

/** Waits while the client does not read; with `flush`, until the operating system has the bytes. */
async function write(exchange: Exchange, bytes: Uint8Array, plan: BodyPlan, flush: boolean): Promise<void> {
  const { response, gone, clock } = exchange
  const settled = new AbortController()
  let release: () => void = () => {}
  const taken = new Promise<boolean>((resolve) => {
    release = () => resolve(true)
  })
  if (flush) response.write(bytes, release)
  else if (response.write(bytes)) return
  else response.once('drain', release)
  gone.addEventListener('abort', release, { once: true, signal: settled.signal })
  const limit = plan.writeTimeoutMs ?? 0
  const tooLate = () =>
    clock.wait(limit, settled.signal).then(
      () => false,
      () => true,
    )
  const inTime = await (limit === 0 ? taken : Promise.race([taken, tooLate()]))
  settled.abort()
  gone.throwIfAborted()
  if (inTime) return
  exchange.drop()
  throw new Error('the client stopped reading')
}
