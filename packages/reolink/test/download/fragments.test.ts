import type { Recording } from '@cam/download-core/source'
import { describe, expect, it } from 'vitest'
import { makeFragment } from '../../src/client/download/fragments.ts'
import type { Command } from '../../src/wire/envelope.ts'
import { calm } from './small-world.ts'

/** 13:00 to 14:00 in Berlin. */
const utc = Date.UTC(2026, 10, 2, 12)
const recording: Recording = {
  ...{ id: 'r', cameraId: 'c', view: 'main', window: { start: utc, end: utc + 3_600_000 }, windowFrom: 'source' },
  ...{ extension: 'mp4', resume: 'validated', approximateBytes: 20 * 1024 * 1024 },
  facts: { from: '20261102130000', to: '20261102140000' },
}

const file = (stamp: string, megabytes: number, prefix = 'fragment_01') => ({
  ...{ fileName: `${prefix}_${stamp}.mp4`, fileSize: String(megabytes * 1024 * 1024) },
})

async function made(fileList: unknown, { repeated = false }: { repeated?: boolean } = {}) {
  const asked: Command[] = []
  const device = {
    async ask(command: Command) {
      asked.push(command)
      return { fileCount: 1, fileList }
    },
  }
  const options = {
    device,
    asked: { address: 'a', username: 'u' },
    recording,
    channel: 4,
    stream: 'main',
    utc,
    repeated,
  } as const
  return { fragment: await makeFragment(options, calm.signal), asked }
}

describe('the file that a recorder makes', () => {
  it('is asked for by the device’s clock', async () => {
    const { asked } = await made([file('20261102130000', 20)])
    const time = { year: 2026, mon: 11, day: 2, min: 0, sec: 0 }
    expect(asked).toEqual([
      {
        ...{ cmd: 'NvrDownload', action: 1 },
        param: {
          NvrDownload: {
            ...{ channel: 4, iLogicChannel: 0, streamType: 'main' },
            ...{ StartTime: { ...time, hour: 13 }, EndTime: { ...time, hour: 14 } },
          },
        },
      },
    ])
  })

  it.each([
    [
      'the one that begins when it should, though another is larger',
      [file('20261102080000', 90), file('20261102130000', 20)],
    ],
    ['the larger of two that begin then', [file('20261102130001', 2), file('20261102130000', 20)]],
    ['the one in UTC, where the recorder writes that', [file('20261102070000', 90), file('20261102120000', 20)]],
    ['the only one, whatever it is called', [file('20200101000000', 20, 'fragment_Hinterseite')]],
    ['the largest, where none says when it begins', [file('a', 3), file('b', 20)]],
  ])('is %s', async (_, list) => {
    expect((await made(list)).fragment).toMatchObject({ bytes: 20 * 1024 * 1024 })
  })

  it('in the repeated hour is the one of the size that is listed', async () => {
    const [first, second] = [file('20261102130000', 20, 'a'), file('20261102130000', 33, 'b')]
    expect((await made([second, first], { repeated: true })).fragment.name).toBe(first.fileName)
  })

  it.each([
    ['one name for two', [file('20261102130000', 20), file('20261102130000', 33)], true],
    [
      'two of the listed size in the repeated hour',
      [file('20261102130000', 20, 'a'), file('20261102130000', 20, 'b')],
      true,
    ],
    ['only another size in the repeated hour', [file('20261102130000', 33)], true],
    ['one name for two at any time', [file('20261102130000', 20), file('20261102130000', 33)], false],
  ])('is refused where nobody can tell which it is: %s', async (_, list, repeated) => {
    await expect(made(list, { repeated })).rejects.toMatchObject({ code: 'REQUEST' })
  })

  it.each([[[]], [undefined], [[{ fileName: 7 }, null, 'x']]])('is none in %j', async (list) => {
    await expect(made(list)).rejects.toMatchObject({ code: 'SERVER', retryable: true })
  })
})
