import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openLedger } from '@cam/ledger-sqlite'
import { expect, it, onTestFinished } from 'vitest'
import { begin, type Fleet, fleet, minutes } from './pretend.ts'

type Dies = 'before the order' | 'while it waits for the reply' | 'after the reply'

/** A run in a process of its own, killed with -9 at this moment; and the same archive, opened again. */
async function killed(dies: Dies, switches: Parameters<typeof fleet>[0] = {}): Promise<Fleet> {
  const into = await mkdtemp(join(tmpdir(), 'samsara-killed-'))
  onTestFinished(() => rm(into, { recursive: true, force: true }))
  const delayed = dies === 'while it waits for the reply' ? { postMs: 60_000 } : {}
  const opened = await openLedger(into)
  onTestFinished(() => opened[Symbol.asyncDispose]())
  const it = await fleet({ ...switches, switches: { ...switches.switches, ...delayed } }, opened)
  const script = fileURLToPath(import.meta.resolve('./archiver.ts'))
  const args = ['-C', '@cam/source', '--import', 'tsx', script, it.cloud.url, it.cloud.token, into, String(begin), dies]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const closed = once(child, 'close')
  if (dies === 'while it waits for the reply') {
    while (it.cloud.orders.length === 0 && child.exitCode === null) await pause(5)
    child.kill('SIGKILL')
  }
  expect((await closed)[1]).toBe('SIGKILL')
  it.cloud.set({ postMs: 0 })
  return { ...it, into }
}

const views = ['road', 'driver'] as const
const window = minutes(0, 2)

it('killed after the reply, before it is noted: found among what is uploaded, and not ordered again', async () => {
  const it = await killed('after the reply')
  expect(it.ordered()).toEqual(['18:30 road+driver'])
  const { summary } = await it.run({ views }, { window, into: it.into })
  expect(summary).toMatchObject({ planned: 4, kept: 4 })
  expect(it.ordered()).toEqual(['18:30 road+driver', '18:31 road+driver'])
  expect(it.cloud.violations).toEqual([])
})

it('killed between acceptance and reply: possibly paid until the list shows it, and then fetched', async () => {
  const it = await killed('while it waits for the reply', { switches: { uploadMs: 3_600_000 } })
  const { summary } = await it.run({ views }, { window, into: it.into })
  expect(summary).toMatchObject({ planned: 4, pending: 4 })
  for await (const { outcome, recording } of it.ledger.rows()) {
    const first = recording?.window?.start === begin
    const words = first ? 'Possibly paid' : 'has not uploaded it yet'
    expect(outcome).toMatchObject({ outcome: 'pending', reason: expect.stringContaining(words) })
  }
  it.cloud.set({ uploadMs: 0 })
  expect((await it.run({ views }, { window, into: it.into })).summary).toMatchObject({ kept: 4 })
  expect(it.ordered()).toEqual(['18:30 road+driver', '18:31 road+driver'])
  expect(it.cloud.counters()).toMatchObject({ lost: 1, duplicates: 0 })
})

it('killed before the order: possibly paid, until the user says that it is to be ordered', async () => {
  const it = await killed('before the order')
  expect(it.ordered()).toEqual([])
  for (let run = 0; run < 2; run++) {
    const { summary } = await it.run({ views }, { window, into: it.into })
    expect(summary).toMatchObject({ planned: 4, pending: 2 })
    expect(it.ordered()).toEqual(['18:31 road+driver'])
  }
  expect(await it.outcomes()).toEqual([
    ...['driver 18:30 pending', 'driver 18:31 kept', 'road 18:30 pending', 'road 18:31 kept'],
  ])
  const { summary } = await it.run({ views, askAgain: true }, { window, into: it.into })
  expect(summary).toMatchObject({ planned: 4, alreadyKept: 2, kept: 2 })
  expect(it.ordered()).toEqual(['18:31 road+driver', '18:30 road+driver'])
  expect(it.cloud.violations).toEqual([])
})
