import { describe, expect, it } from 'vitest'
import type { Recording } from '../../src/footage/recording.ts'
import type { FootageSource } from '../../src/footage/source.ts'
import type { TimeWindow } from '../../src/footage/time-window.ts'
import { consoleOf, past } from './console.ts'
import { filmOf, minute, noon, sumOf, toy } from './fixture.ts'

const hour = past(0, 60)

describe('what is pending', () => {
  it('is fetched by the next run as it is listed then', async () => {
    const { run, clip, server, rows } = await toy()
    clip('growing', { settled: false, size: 20_000 })
    expect((await run()).summary).toMatchObject({ planned: 1, pending: 1 })
    server.clips.length = 0
    clip('growing', { at: 0, size: 30_000 })
    expect((await run()).summary).toMatchObject({ planned: 1, kept: 1 })
    expect(await rows()).toMatchObject([{ outcome: { outcome: 'kept', bytes: 30_000 } }])
  })

  it('by the word of the source itself is left to the next run, piece by piece', async () => {
    const one = await toy()
    const box = consoleOf(one, { recorded: [hour] })
    let ready = false
    const source = () => {
      const real = box.source()
      const open: FootageSource['open'] = async (recording, ...rest) => {
        if (ready) return real.open(recording, ...rest)
        const { cameraId } = recording
        return {
          cameraId,
          ...recording.window!,
          outcome: 'pending',
          reason: 'Not written yet.',
          askAgainAfterMs: 60_000,
        }
      }
      return new Proxy(real, { get: (of, name) => (name === 'open' ? open : Reflect.get(of, name, of)) })
    }
    expect((await one.run({ source: source(), window: hour })).summary).toMatchObject({ planned: 1, pending: 1 })
    expect(await one.rows()).toMatchObject([{ outcome: { outcome: 'pending', askAgainAt: expect.any(Number) } }])
    ready = true
    expect((await one.run({ source: source(), window: hour })).summary).toMatchObject({ planned: 1, kept: 1 })
    expect(box.listed).toHaveLength(1)
  })

  describe('because its piece still grows', () => {
    /** Cuts whole hours; the last one as far as it has come. */
    async function growing() {
      const one = await toy()
      let now = noon + 20 * minute
      const real = one.source()
      const own = one.source({
        identity: 'window',
        change: {
          async *recordings({ id: cameraId }, window) {
            const { start } = window!
            for (let at = start; at < Math.min(window!.end, now); at += 60 * minute) {
              const piece: TimeWindow = { start: at, end: Math.min(at + 60 * minute, window!.end, now) }
              const settled = piece.end < now
              const id = `${at}${named === 'by both' ? `/${piece.end}` : ''}`
              const recording: Recording = {
                id,
                cameraId,
                window: piece,
                windowFrom: 'asked',
                extension: 'mp4',
                resume: 'never',
                settled,
              }
              one.server.clips.push({ recording, bytes: filmOf(piece, id) })
              yield recording
            }
          },
          open: (...args) => {
            const [{ id }] = args
            const latest = one.server.clips.filter(({ recording }) => recording.id === id).at(-1)!
            one.server.clips.splice(0, one.server.clips.length, latest)
            return real.open(...args)
          },
        },
      })
      let named: 'by start' | 'by both' = 'by both'
      return {
        ...one,
        run: () => one.run({ source: own, window: hour }),
        pass(minutes: number) {
          now += minutes * minute
        },
        name(how: typeof named) {
          named = how
        },
      }
    }

    it.each(['by start', 'by both'] as const)('is listed anew, and kept once it is whole: named %s', async (how) => {
      const { run, rows, pass, name } = await growing()
      name(how)
      expect((await run()).summary).toMatchObject({ planned: 1, pending: 1 })
      pass(20)
      expect((await run()).summary).toMatchObject({ planned: 1, pending: 1 })
      pass(30)
      const last = await run()
      expect(last.summary).toMatchObject({ planned: 1, kept: 1 })
      expect(sumOf(last.summary)).toBe(1)
      expect(await rows()).toMatchObject([{ window: hour, outcome: { outcome: 'kept', covers: [hour] } }])
      expect((await run()).summary).toMatchObject({ planned: 1, alreadyKept: 1 })
    })
  })
})
