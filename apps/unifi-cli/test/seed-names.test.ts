import type { Flags } from '@cam/cli-kit'
import type { Camera, Recording } from '@cam/download-core'
import { describe, expect, it } from 'vitest'
import { recordingText, seedNames } from '../src/seed-names.ts'

const camera: Camera = { id: '61b3f5c90050a703e7001a2b', name: 'Front Door', timeZone: 'Europe/Berlin' }

function pathOf(
  start: string,
  end: string,
  asked: { camera?: Partial<Camera>; zone?: string; subfolders?: true } = {},
) {
  const flags = {
    on: (name: string) => name === 'use-subfolders' && asked.subfolders === true,
    text: () => asked.zone,
  } as Partial<Flags> as Flags
  const recording: Recording = {
    id: `${start}/${end}`,
    cameraId: camera.id,
    window: { start: Date.parse(start), end: Date.parse(end) },
    windowFrom: 'asked',
    extension: 'mp4',
    resume: 'never',
  }
  const subject = { camera: { ...camera, ...asked.camera }, recording, vendor: 'UniFi Protect', source: 'Console' }
  return seedNames(flags)({ ...subject, extension: 'mp4' })
}

describe("the seed's names", () => {
  it('have the camera, the first second and the last', () => {
    expect(pathOf('2026-10-24T07:00:00Z', '2026-10-24T08:00:00Z')).toBe(
      'Front_Door_1a2b_2026-10-24--09-00-00+0200_2026-10-24--09-59-59+0200.mp4',
    )
    expect(pathOf('2026-10-24T07:12:30Z', '2026-10-24T07:13:00.500Z')).toBe(
      'Front_Door_1a2b_2026-10-24--09-12-30+0200_2026-10-24--09-13-00+0200.mp4',
    )
  })

  it('tell the two hours apart that a change of the clocks makes of one', () => {
    const [first, second] = [
      pathOf('2026-10-25T00:00:00Z', '2026-10-25T01:00:00Z'),
      pathOf('2026-10-25T01:00:00Z', '2026-10-25T02:00:00Z'),
    ]
    expect(first).toBe('Front_Door_1a2b_2026-10-25--02-00-00+0200_2026-10-25--02-59-59+0200.mp4')
    expect(second).toBe('Front_Door_1a2b_2026-10-25--02-00-00+0100_2026-10-25--02-59-59+0100.mp4')
  })

  it('lie below the day and the camera where folders are wanted, by the local day', () => {
    expect(pathOf('2026-10-24T22:00:00Z', '2026-10-24T23:00:00Z', { subfolders: true })).toBe(
      '2026/10/25/Front_Door_1a2b/Front_Door_1a2b_2026-10-25--00-00-00+0200_2026-10-25--00-59-59+0200.mp4',
    )
  })

  it('use the zone the user named, else that of the camera, else UTC', () => {
    const [start, end] = ['2026-10-24T07:00:00Z', '2026-10-24T08:00:00Z']
    expect(pathOf(start, end, { zone: 'Asia/Kolkata' })).toContain('_2026-10-24--12-30-00+0530_')
    expect(pathOf(start, end, { camera: { timeZone: 'Mars/Olympus' } })).toContain('_2026-10-24--07-00-00+0000_')
  })

  it.each([
    ['Front/Door: 2 ', 'FrontDoor_2_1a2b'],
    ['Tür Süd 🐈', 'Tür_Süd_1a2b'],
    ['../..', '_1a2b'],
    ['  Gate', '__Gate_1a2b'],
  ])('keep letters, digits and spaces of %j', (name, kept) => {
    expect(pathOf('2026-10-24T07:00:00Z', '2026-10-24T08:00:00Z', { camera: { name } })).toBe(
      `${kept}_2026-10-24--09-00-00+0200_2026-10-24--09-59-59+0200.mp4`,
    )
  })
})

describe('what a recording is called in messages', () => {
  it('says camera, time and length, or what it shows', () => {
    const window = { start: Date.parse('2026-10-24T07:00:00Z'), end: Date.parse('2026-10-24T08:00:00Z') }
    const recording = {
      id: 'x',
      cameraId: camera.id,
      window,
      windowFrom: 'asked',
      extension: 'mp4',
      resume: 'never',
    } as const
    expect(recordingText(recording, camera)).toBe('Front Door 2026-10-24T09:00:00+02:00 1h00m')
    expect(recordingText({ ...recording, name: 'person-vehicle.mp4' }, camera)).toMatch(/\+02:00 person-vehicle$/)
  })
})
