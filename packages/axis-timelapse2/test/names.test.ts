import { describe, expect, it } from 'vitest'
import { call, failure, fetched, listed, pair } from './pretend-camera.ts'

describe('names', () => {
  it.each(['timelapseme', '1.1.2', '1.1.3', '3.1.0', '3.1.2', '3.1.4'])(
    'of every kind that %s can serve are served, the others say why not',
    async (version) => {
      await using both = await pair({ switches: { version, world: 'nasty' } })
      const { source, camera } = both
      const truth = new Map(camera.truth().map((one) => [`${one.id} ${one.filename}`, one]))
      const byName = new Map(camera.truth().map((one) => [one.filename, one]))
      let served = 0
      // Names that are two archives have tests of their own; TimelapseMe serves nothing but under the right id.
      const apart = version === 'timelapseme' ? /^(No_id|Moved)/ : /^Twice/
      for (const recording of await listed(source)) {
        const { name = '', facts } = recording
        const id = version === 'timelapseme' ? decodeURIComponent(recording.id.split('/')[0]!) : facts?.profileId
        const there = truth.get(`${id} ${name}`) ?? (version === 'timelapseme' ? undefined : byName.get(name))
        if (there?.fetchable && there.size > 0 && facts?.namesakes === undefined) {
          expect(await fetched(source, recording), name).toEqual({ bytes: there.size, sha256: there.sha256 })
          served++
        } else if (facts?.namesakes === undefined && version !== 'timelapseme' && !name.includes('"')) {
          const { code, message } = await failure(fetched(source, recording))
          expect(code, `${name}: ${message}`).toMatch(/^(PROTOCOL|NOT_FOUND|REQUEST|UNAVAILABLE)$/)
        }
      }
      expect(served).toBe(
        [...truth.values()].filter((one) => one.fetchable && one.size > 0 && !apart.test(one.filename)).length,
      )
    },
  )

  it.each([
    ['1.1.3', "Anna's_50%_C++_Straße.avi", "Anna's_50%_C++_Stra\u00c3\u009fe.avi"],
    ['3.1.2', "Anna's_50%_C++_Straße.mp4", "Anna's_50%_C++_Stra\u00c3\u009fe.mp4"],
    ['3.1.4', "Anna's_50%_C++_Straße.mp4", 'Anna%27s_50%25_C%2B%2B_Stra%C3%9Fe.mp4'],
  ])('go to %s in its own spelling, in one request', async (version, filename, spelled) => {
    await using both = await pair({ switches: { version }, archives: [{ filename }] })
    const [recording] = await listed(both.source)
    await fetched(both.source, recording!)
    expect(both.camera.log.of('media').map(({ target }) => target)).toEqual([
      `/local/timelapse2/download?filename=${spelled}`,
    ])
  })

  it('are tried in the other spelling once where the label of the version lies', async () => {
    const filename = 'Straße_2026_03_04_0000.mp4'
    await using both = await pair({ switches: { version: '3.1.4' }, archives: [{ filename }] })
    const [recording] = await listed(both.source)
    both.camera.set({ version: '3.1.2' })
    expect(await fetched(both.source, recording!)).toMatchObject({ bytes: recording!.bytes })
    expect(both.camera.log.of('media').map(({ status }) => status)).toEqual([404, 200])
  })

  it('in the other spelling never bring another file', async () => {
    // Raw, a decoding app reads the first name as the second.
    const archives = [{ filename: 'a%2Bb.mp4' }, { filename: 'a+b.mp4', bytes: 50_000 }]
    await using both = await pair({ switches: { version: '3.1.4', auth: 'none' }, archives })
    const [recording] = await listed(both.source)
    await deleted(both.camera.url, 'a%252Bb.mp4')
    expect(await failure(fetched(both.source, recording!))).toMatchObject({ code: 'EXPIRED' })
  })

  it('that nobody can ask for are no expired footage', async () => {
    await using both = await pair({
      switches: { version: '1.1.3' },
      archives: [{ filename: 'A&B_2026_03_04_0000.avi' }],
    })
    const [recording] = await listed(both.source)
    const error = await failure(fetched(both.source, recording!))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: false })
    expect(error.message).toMatch(/1\.1\.3 can serve no name.*Update the app to 3\.1\.3/)
  })

  it('with a path in them are refused by the app, in its words', async () => {
    await using both = await pair({ switches: { version: '3.1.4' }, archives: [{ filename: '../../x.mp4' }] })
    const [recording] = await listed(both.source)
    const error = await failure(fetched(both.source, recording!))
    expect(error).toMatchObject({ code: 'REQUEST', httpStatus: 400 })
    expect(error.message).toContain('Invalid filename parameter')
  })
})

describe('two archives with one name', () => {
  const filename = 'Twice_2026_03_03_0000'
  const first = Date.UTC(2026, 2, 2)
  const at = (hours: number) => ({ first: first + hours, last: first + 3_600_000 + hours })

  it.each([
    ['1.1.3', 'dropped', 'avi', 40_000, 90_000],
    ['1.1.3', 'kept', 'avi', 90_000, 40_000],
    ['3.1.4', 'dropped', 'mp4', 40_000, 90_000],
    ['3.1.4', 'dropped', 'mp4', 90_000, 40_000],
    ['3.1.4', 'kept', 'mp4', 40_000, 90_000],
  ] as const)(
    '%s, length %s: both planned, the one whose length matches is served',
    async (version, length, end, a, b) => {
      const archives = [
        { ...at(0), id: 'KQWMZTRB', filename: `${filename}.${end}`, bytes: a, seed: 'earlier' },
        { ...at(1), id: 'HVXPLNDA', filename: `${filename}.${end}`, bytes: b, seed: 'later' },
      ]
      await using both = await pair({ switches: { version, length }, archives })
      const [earlier, later] = await listed(both.source)
      expect(earlier!.id).not.toBe(later!.id)
      expect([earlier!.facts?.namesakes, later!.facts?.namesakes]).toEqual([1, 1])
      const [truth] = both.camera.truth()
      expect(await fetched(both.source, later!)).toEqual({ bytes: truth!.size, sha256: truth!.sha256 })
      const error = await failure(fetched(both.source, earlier!))
      expect(error).toMatchObject({ code: 'WRONG_LENGTH', retryable: false })
      expect(error.message).toContain('overwritten on the camera')
    },
  )

  it('and no lengths that could tell: the later one is served, the earlier one fails', async () => {
    const archives = ['KQWMZTRB', 'HVXPLNDA'].map((id) => ({
      ...at(0),
      id,
      filename: `${filename}.mp4`,
      listing: { size: undefined },
    }))
    await using both = await pair({ archives })
    const [earlier, later] = await listed(both.source)
    expect(earlier!.id).toMatch(/~KQWMZTRB$/)
    expect(later!.id).toMatch(/~HVXPLNDA$/)
    expect((await fetched(both.source, later!)).bytes).toBe(both.camera.truth()[0]!.size)
    expect(await failure(fetched(both.source, earlier!))).toMatchObject({ code: 'UNPROVABLE' })
  })

  it('are two files of TimelapseMe', async () => {
    const archives = ['KQWMZTRB', 'HVXPLNDA'].map((id) => ({ id, filename: `${filename}.avi`, seed: id }))
    await using both = await pair({ switches: { version: 'timelapseme' }, archives })
    const sums = []
    for (const recording of await listed(both.source)) sums.push((await fetched(both.source, recording)).sha256)
    expect(sums).toEqual(both.camera.truth().map(({ sha256 }) => sha256))
    expect(new Set(sums).size).toBe(2)
  })
})

describe('a listed file that answers 404', () => {
  it.each(['timelapseme', '1.1.3', '3.1.4'])('%s: is expired where the list no longer has it', async (version) => {
    await using both = await pair({ switches: { version, auth: 'none' } })
    const [recording, other] = await listed(both.source)
    if (version === 'timelapseme') {
      await using empty = await pair({ switches: { version, auth: 'none', world: 'empty' } })
      await listed(empty.source)
      expect(await failure(fetched(empty.source, recording!))).toMatchObject({ code: 'EXPIRED' })
      return
    }
    await deleted(both.camera.url, recording!.name!)
    const error = await failure(fetched(both.source, recording!))
    expect(error).toMatchObject({ code: 'EXPIRED', retryable: false, stops: 'recording' })
    expect(error.message).toMatch(/no longer lists it/)
    expect(await fetched(both.source, other!)).toMatchObject({ bytes: other!.bytes })
  })

  it.each(['timelapseme', '1.1.3', '3.1.4'])(
    '%s: is missing, not expired, where it is still listed',
    async (version) => {
      await using both = await pair({ switches: { version, vanish: 1 } })
      const [recording] = await listed(both.source)
      const error = await failure(fetched(both.source, recording!))
      expect(error).toMatchObject({ code: 'NOT_FOUND' })
      expect(error.message).toMatch(/goes on listing .* no such file/)
    },
  )

  it.each([
    ['1.1.3', { startupMs: 1e9 }, 'BUSY'],
    ['3.1.4', { startupMs: 1e9 }, 'BUSY'],
    ['1.1.3', { sdMissing: true }, 'UNAVAILABLE'],
    ['3.1.4', { sdMissing: true }, 'UNAVAILABLE'],
  ])('%s: is neither where the app restarts or loses its card (%o)', async (version, switches, code) => {
    await using both = await pair({ switches: { version } })
    const [recording] = await listed(both.source)
    both.camera.set(switches)
    expect(await failure(both.source.open(recording!, { byte: 0 }, call))).toMatchObject({ code })
  })
})

async function deleted(url: string, spelled: string): Promise<void> {
  await fetch(`${url}/local/timelapse2/archive?filename=${spelled}`, { method: 'DELETE' })
}
