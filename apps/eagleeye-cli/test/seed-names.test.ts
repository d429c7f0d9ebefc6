import type { Recording } from '@cam/download-core'
import { expect, it } from 'vitest'
import { recordingText, seedNames } from '../src/seed-names.ts'

const camera = { id: '100a1000', name: 'Dock / Süd', timeZone: 'America/Chicago' }
const recording: Recording = {
  id: 'main/2026-02-09T07:29:00.000Z',
  cameraId: camera.id,
  window: { start: Date.parse('2026-02-09T07:29:00Z'), end: Date.parse('2026-02-09T07:30:00.137Z') },
  windowFrom: 'source',
  extension: 'flv',
  resume: 'never',
}

it("the seed's names are the camera's id and the end in UTC, whatever zone the camera is in", () => {
  const subject = { camera, recording, vendor: 'eagleeye', source: '00032123' }
  expect(seedNames()({ ...subject, extension: 'flv' })).toBe('100a1000-20260209073000.137.flv')
  expect(seedNames()({ ...subject, extension: 'mp4' })).toBe('100a1000-20260209073000.137.mp4')
})

it('a recording is called by its camera, its start on the clock of the camera, and its length', () => {
  expect(recordingText(recording, camera)).toBe('Dock / Süd 2026-02-09T01:29:00-06:00 1m00s')
  expect(recordingText(recording, { id: '100a1000', name: '' })).toBe('100a1000 2026-02-09T07:29:00+00:00 1m00s')
})
