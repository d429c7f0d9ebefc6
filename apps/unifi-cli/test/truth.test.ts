import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startUnifiProtect } from '@cam/simulators/unifi-protect'
import { expect, it } from 'vitest'
import { place, runHere } from './run.ts'
import { expectTruth, filesOf, windowFlags } from './truth.ts'

const window = { start: Date.parse('2026-11-02T08:00Z'), end: Date.parse('2026-11-02T12:00Z') }

it('what the other tests compare archives with notices whatever is wrong', async () => {
  await using console = await startUnifiProtect()
  const { dest, env, line } = place(console)
  const asked = [...line, '--cameras', 'Front Door', ...windowFlags(window), '--json']
  const lines = (await runHere(asked, env)).json()
  const truth = console.truth(window).filter(({ cameraId }) => cameraId.endsWith('42a'))
  const compare = (told = lines) => expectTruth(told, dest, truth)
  compare()

  const ended = lines.filter(({ type }) => type === 'recording-ended')
  expect(() => compare(lines.filter((one) => one !== ended[1]))).toThrow(/outcomes of/)
  expect(() => compare([ended[1]!, ...lines])).toThrow(/outcomes of/)
  const changed = (outcome: object) =>
    lines.map((one) => (one === ended[3] ? { ...one, outcome: { ...(one.outcome as object), ...outcome } } : one))
  expect(() => compare(changed({ outcome: 'absent', reason: 'the console says so' }))).toThrow(
    /expected 'absent' to be 'kept'/,
  )
  const whole = { start: '2026-11-02T11:00:00.000Z', end: '2026-11-02T12:00:00.000Z' }
  expect(() => compare(changed({ covers: [whole] }))).toThrow(/claims/)
  expect(() => compare(changed({ covers: [] }))).toThrow(/held by no file/)
  expect(() => compare(lines.map((one) => (one === lines.at(-1) ? { ...one, kept: 0 } : one)))).toThrow()

  writeFileSync(join(dest, 'other.mp4'), 'x')
  expect(() => compare()).toThrow(/files of no outcome/)
  appendFileSync(join(dest, filesOf(dest).filter((name) => name !== 'other.mp4')[0]!), 'x')
  expect(() => compare()).toThrow(/expected '[0-9a-f]{20,}…' to be/)
})
