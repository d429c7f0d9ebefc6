import { expect, it } from 'vitest'
import { plan } from '../../src/archive/plan.ts'
import type { Camera } from '../../src/footage/camera.ts'
import type { TimeWindow } from '../../src/footage/time-window.ts'
import { minute, noon, toy } from './fixture.ts'

const past = (from: number, to: number): TimeWindow => ({ start: noon + from * minute, end: noon + to * minute })

async function twoCameras() {
  const one = await toy()
  one.server.cameras.push({ id: 'cam-2', name: 'Gate', timeZone: 'UTC' })
  for (const cameraId of ['cam-1', 'cam-2']) {
    for (const at of [0, 10, 20]) one.clip(`${cameraId}-${at}`, { cameraId, at })
  }
  return one
}
const starts: Record<string, number> = { 'cam-1': 5, 'cam-2': 15 }
const windowFor = async ({ id }: Camera) => past(starts[id]!, 60)

it('each camera has a window of its own, in a run and in a plan, also under another layout', async () => {
  const { run, rows, source, files } = await twoCameras()
  const options = {
    windowFor,
    window: past(0, 1),
    layout: ({ recording }: { recording: { id: string } }) => `x/${recording.id}`,
  }
  const planned: string[] = []
  for await (const event of plan({ source: source(), ...options })) {
    if (event.type === 'recording-planned') planned.push(event.path ?? '')
  }
  expect(planned).toEqual(['x/cam-1-10', 'x/cam-1-20', 'x/cam-2-20'])
  expect((await run(options)).summary).toMatchObject({ planned: 3, kept: 3 })
  expect((await rows()).map(({ key }) => key.recordingId)).toEqual(['cam-1-10', 'cam-1-20', 'cam-2-20'])
  expect(await files()).toEqual(planned)
})

it('where it gives none, the run\u2019s own window counts', async () => {
  const { run, rows } = await twoCameras()
  const first = ({ id }: Camera) => (id === 'cam-1' ? past(15, 60) : undefined)
  expect((await run({ windowFor: first, window: past(0, 15) })).summary).toMatchObject({ kept: 3 })
  expect((await rows()).map(({ key }) => key.recordingId)).toEqual(['cam-1-20', 'cam-2-0', 'cam-2-10'])
  expect((await run({ windowFor: () => undefined })).summary).toMatchObject({ planned: 6, kept: 3, alreadyKept: 3 })
})

it('what failed is retried only where it lies in its camera\u2019s window', async () => {
  const { run, server } = await twoCameras()
  for (const { recording } of server.clips) server.faults.refuse.set(recording.id, 500)
  expect((await run({ retry: { retries: 0 } })).summary).toMatchObject({ failed: 6 })
  server.faults.refuse.clear()
  expect((await run({ windowFor, onlyFailed: true })).summary).toMatchObject({ planned: 3, kept: 3 })
})

it('a window that ends before it starts is named with its camera', async () => {
  const { run } = await twoCameras()
  const { error } = await run({ windowFor: () => ({ start: 2, end: 1 }) })
  expect(error).toBeInstanceOf(RangeError)
  expect(String(error)).toContain('windowFor(cam-1)')
})
