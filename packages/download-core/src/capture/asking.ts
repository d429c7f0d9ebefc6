import type { Camera } from '../footage/camera.ts'
import { BusyError, IncompleteError, InterruptedError, ProofError, SlotMissedError } from '../footage/errors.ts'
import type { Call, FootageSource, OpenedRecording, Snapshot } from '../footage/source.ts'
import type { EpochMs } from '../footage/time-window.ts'
import { bytesSource } from '../transfer/container/report.ts'
import { readContainer } from '../transfer/container.ts'

/** Asks one camera for pictures, one at a time. */
export interface Asking {
  /**
   * A whole JPEG. Throws what the source throws; IncompleteError and ProofError for what is not a picture to its end; BusyError as
   * long as a source that does not listen to its signal is still at an earlier one; InterruptedError once `ended` is aborted;
   * SlotMissedError for a picture that was taken at `next`, the moment of the slot behind, or later.
   */
  picture(call: Call, ended: AbortSignal, next: EpochMs): Promise<OpenedRecording>
}

/** The asking of one camera. */
export function createAsking(source: FootageSource, camera: Camera): Asking {
  let underWay = false
  return {
    async picture({ signal }, ended, next) {
      if (underWay) throw new BusyError('The picture that was asked for before is still under way.')
      const call = new AbortController()
      const asked = Promise.resolve().then(() => source.snapshot!(camera, { signal: call.signal }))
      underWay = true
      const done = () => {
        underWay = false
      }
      asked.then(done, done)
      const snapshot = await unlessAborted(asked, call, signal, ended)
      await checkPicture(snapshot)
      // It shows another moment than its name would say.
      if (snapshot.takenAt >= next) {
        throw new SlotMissedError('slot-missed: the picture that came in the end was taken when the next one was due.')
      }
      return {
        body: (async function* () {
          yield snapshot.bytes
        })(),
        startsAtByte: 0,
        representation: 'snapshot',
        extension: snapshot.extension,
      }
    },
  }
}

/** Whatever the source does with its signal, an abort ends the wait. */
function unlessAborted<T>(
  asked: Promise<T>,
  call: AbortController,
  signal: AbortSignal,
  ended: AbortSignal,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stopped = () => giveUp(new InterruptedError('The run was ended while the picture was on its way.'))
    const late = () => giveUp(signal.reason)
    const giveUp = (reason: unknown) => {
      reject(reason)
      call.abort(reason)
    }
    ended.addEventListener('abort', stopped, { once: true })
    signal.addEventListener('abort', late, { once: true })
    if (ended.aborted) stopped()
    else if (signal.aborted) late()
    const settled = () => {
      ended.removeEventListener('abort', stopped)
      signal.removeEventListener('abort', late)
    }
    asked.then(resolve, reject).finally(settled)
    call.signal.addEventListener('abort', settled, { once: true })
  })
}

/** Here and not only when it is proved: without a length of its own a bad picture would be fetched twice and compared. */
async function checkPicture({ bytes }: Snapshot): Promise<void> {
  const report = await readContainer(bytesSource(bytes))
  if (report?.format !== 'jpeg') throw new ProofError('What came is no JPEG.', { code: 'CORRUPT' })
  if (report.missing) {
    throw new IncompleteError(`The JPEG is not whole: ${report.problem}.`, { receivedBytes: bytes.byteLength })
  }
  if (!report.complete) throw new ProofError(`The JPEG is damaged: ${report.problem}.`, { code: 'CORRUPT' })
  const { width = 0, height = 0 } = report.facts
  if (width < 1 || height < 1) throw new ProofError('The JPEG has no size.', { code: 'CORRUPT' })
}
