import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { coverage } from '../../src/archive/coverage.ts'
import type { Gap, Recording } from '../../src/footage/recording.ts'
import type { FootageSource, NotReady, OpenedRecording } from '../../src/footage/source.ts'
import type { TimeWindow } from '../../src/footage/time-window.ts'
import { filmOf, leapClock, leaping, minute, noon, sumOf, type Toy, toy } from './fixture.ts'
import { sha256 } from './toy-server.ts'

type Answer = 'whole' | 'cut' | 'not ready' | 'absent' | 'expired' | 'pending' | 'refused'

/** Cuts its pieces from what is asked, renders each anew, states no length, and knows only then what there is. */
function rendering({ source }: Toy, answers: Map<string, Answer[]>, asked: (TimeWindow | undefined)[] = []) {
  let renderings = 0
  const bytesOf = new Map<string, Uint8Array>()
  const change: Partial<FootageSource> = {
    async *recordings(camera, window) {
      asked.push(window)
      for (let start = window!.start; start < window!.end; start += 10 * minute) {
        const piece = { start, end: Math.min(start + 10 * minute, window!.end) }
        const id = `${new Date(piece.start).toISOString()}/${new Date(piece.end).toISOString()}`
        const recording: Recording = {
          id,
          cameraId: camera.id,
          window: piece,
          windowFrom: 'asked',
          extension: 'mp4',
          resume: 'never',
        }
        yield recording
      }
    },
    async open({ id, cameraId, window }): Promise<OpenedRecording | NotReady | Gap> {
      const answer = answers.get(id.slice(11, 16))?.shift() ?? 'whole'
      const { start, end } = window!
      if (answer === 'not ready') return { askAgainAfterMs: 5000 }
      if (answer === 'refused') throw new Error('a bug of the source')
      if (answer === 'absent' || answer === 'expired' || answer === 'pending')
        return { cameraId, start, end, outcome: answer, reason: `it is ${answer}` }
      const bytes = filmOf({ start, end }, `${cameraId} ${id}`, 84)
      bytesOf.set(`${cameraId} ${id}`, bytes)
      const sent = answer === 'cut' ? bytes.subarray(0, 30_000) : bytes
      const body = (async function* () {
        for (let at = 0; at < sent.length; at += 16_384) yield sent.subarray(at, at + 16_384)
      })()
      return { body, startsAtByte: 0, representation: `export ${renderings++}` }
    },
  }
  return { source: source({ identity: 'window', change }), bytesOf }
}

it('a source that cuts, renders and knows late is archived piece by piece', async () => {
  const one = await toy()
  one.server.cameras.push({ id: 'cam-2', name: 'Yard', timeZone: 'UTC' })
  const asked: (TimeWindow | undefined)[] = []
  const answers = new Map<string, Answer[]>([
    ['12:00', ['cut', 'not ready', 'cut', 'whole', 'cut', 'whole']],
    ['12:10', ['absent', 'absent']],
    ['12:20', ['expired', 'expired']],
    ['12:30', ['pending', 'pending']],
    ['12:40', ['refused', 'refused']],
  ])
  const { source, bytesOf } = rendering(one, answers, asked)
  const window = { start: noon, end: noon + 60 * minute }
  const first = await one.run({ ...leaping(leapClock()), source, window, concurrency: 1 })
  expect(sumOf(first.summary)).toBe(12)
  expect(first.summary).toMatchObject({ planned: 12, kept: 4, absent: 2, expired: 2, pending: 2, failed: 2 })
  const second = await one.run({ ...leaping(leapClock()), source, window })
  expect(second.summary).toMatchObject({ planned: 12, alreadyKept: 4, absent: 2, expired: 2, kept: 4 })
  expect(asked).toHaveLength(2)
  for (const row of await one.rows({ outcomes: ['kept'] })) {
    const bytes = bytesOf.get(`${row.key.cameraId} ${row.key.recordingId}`)!
    expect(sha256(await readFile(join(one.into, row.file!.path)))).toBe(sha256(bytes))
  }
  expect(await one.files()).toHaveLength(8)
  const { totalsMs } = await coverage({ ledger: one.ledger, window })
  expect(totalsMs).toMatchObject({ kept: 80 * minute, absent: 20 * minute, expired: 20 * minute, unknown: 0 })
})
