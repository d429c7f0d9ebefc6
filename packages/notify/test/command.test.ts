import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createNotifier, parseTarget } from '../src/index.ts'
import { testClock, until } from './clock.ts'
import { partial, runId, summary } from './notices.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'notify '))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A notifier whose one target runs this script, in a folder with a space in its name. */
async function running(name: string, script: string, o: { clock?: ReturnType<typeof testClock> } = {}) {
  const file = join(folder, `${name}.mjs`)
  await writeFile(file, script)
  const targets = [parseTarget(`exec:'${process.execPath}' "${file}" 'two words' $HOME`)]
  const env = {
    PATH: process.env.PATH,
    OWN: 'kept',
    CAM_NOTIFY_SMTP_PASSWORD: 'geheim',
    CAM_EAGLEEYE_PASSWORD: 'geheim',
  }
  const { clock = testClock() } = o
  return createNotifier({ targets, cli: 'eagleeye-cli', hostname: 'box', clock, env })
}

const signal = new AbortController().signal

describe('a command', () => {
  it('gets the notice on stdin and in its environment, without a shell and without our passwords', async () => {
    const out = join(folder, 'seen.json')
    const notifier = await running(
      'seen',
      `import { readFileSync, writeFileSync } from 'node:fs'
       const stdin = JSON.parse(readFileSync(0, 'utf8'))
       console.log('stdout is nobody\\'s business')
       writeFileSync(${JSON.stringify(out)}, JSON.stringify({ stdin, env: process.env, args: process.argv.slice(2) }))`,
    )
    const error = { code: 'SERVER', message: 'two\r\nlines\0' }
    const deliveries = await notifier.send(partial({ error }), { signal })
    expect(deliveries).toEqual([
      { target: `command ${process.execPath.split('/').at(-1)}`, channel: 'command', ok: true },
    ])
    const { stdin, env, args } = JSON.parse(await readFile(out, 'utf8'))
    expect(args).toEqual(['two words', '$HOME'])
    expect(stdin).toMatchObject({ type: 'cam-notification', event: 'partial', runId, summary })
    expect(env).toMatchObject({
      OWN: 'kept',
      CAM_EVENT: 'partial',
      CAM_RUN_ID: runId,
      CAM_EXIT_CODE: '1',
      CAM_ERROR: 'two lines',
      CAM_VENDOR: 'eagleeye',
      CAM_SOURCE: 'Main building',
      CAM_SUBJECT: '[eagleeye] PARTIAL 118/120 kept (10 new), 2 failed, 31.2 GB — box',
    })
    expect(JSON.parse(env.CAM_SUMMARY_JSON)).toEqual(summary)
    expect(JSON.stringify(env)).not.toContain('geheim')
  })

  it('that fails says so with its last words, and is not run again', async () => {
    const runs = join(folder, 'runs')
    const notifier = await running(
      'fails',
      `import { appendFileSync } from 'node:fs'
       appendFileSync(${JSON.stringify(runs)}, 'x')
       process.stderr.write('-'.repeat(100_000) + '\\nno carrier\\n')
       process.exitCode = 7`,
    )
    const [delivery] = await notifier.send(partial(), { signal })
    expect(delivery).toMatchObject({ ok: false, reason: expect.stringMatching(/ended with 7: -{900,}.*no carrier/) })
    expect(delivery!.reason!.length).toBeLessThan(1100)
    expect(await readFile(runs, 'utf8')).toBe('x')
  })

  it('that does not exist is said in words', async () => {
    const targets = [parseTarget('exec:/nowhere/tell-me --token abc')]
    const notifier = createNotifier({ targets, cli: 'x', hostname: 'h', clock: testClock() })
    const reason = 'command tell-me: could not be started (ENOENT).'
    expect(await notifier.send(partial(), { signal })).toEqual([
      { target: 'command tell-me', channel: 'command', ok: false, reason },
    ])
  })

  it('need not read a long notice', async () => {
    const notifier = await running('deaf', `process.stdin.destroy()`)
    const failures = Array.from({ length: 500 }, () => ({ camera: 'c', code: 'SERVER', message: 'x'.repeat(1900) }))
    expect(await notifier.send(partial({ failures }), { signal })).toMatchObject([{ ok: true }])
  })

  it('that hangs is ended after 60 seconds, by force when it ignores that', async () => {
    const ready = join(folder, 'ready')
    const clock = testClock()
    const notifier = await running(
      'hangs',
      `import { writeFileSync } from 'node:fs'
       process.on('SIGTERM', () => writeFileSync(${JSON.stringify(`${ready}-term`)}, ''))
       setInterval(() => {}, 1000)
       writeFileSync(${JSON.stringify(ready)}, String(process.pid))`,
      { clock },
    )
    const sending = notifier.send(partial(), { signal })
    await until(() => existsSync(ready))
    clock.advance(60_000)
    await until(() => existsSync(`${ready}-term`))
    clock.advance(5000)
    expect(await sending).toMatchObject([{ ok: false, reason: expect.stringContaining('not done within 60 s') }])
    const pid = Number(await readFile(ready, 'utf8'))
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  it('that leaves a process behind does not hold us up, and its process goes on', async () => {
    const left = join(folder, 'left')
    const notifier = await running(
      'leaves',
      `import { spawn } from 'node:child_process'
       import { writeFileSync } from 'node:fs'
       const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: 'inherit' })
       writeFileSync(${JSON.stringify(left)}, String(child.pid))
       child.unref()
       process.exit(0)`,
    )
    expect(await notifier.send(partial(), { signal })).toMatchObject([{ ok: true }])
    const pid = Number(await readFile(left, 'utf8'))
    expect(process.kill(pid, 0)).toBe(true)
    process.kill(pid, 'SIGKILL')
  })

  it('is ended with the run', async () => {
    const ready = join(folder, 'ready-too')
    const notifier = await running(
      'ended',
      `import { writeFileSync } from 'node:fs'
       setInterval(() => {}, 1000)
       writeFileSync(${JSON.stringify(ready)}, '')`,
    )
    const stop = new AbortController()
    const sending = notifier.send(partial(), { signal: stop.signal })
    await until(() => existsSync(ready))
    stop.abort(new Error('enough'))
    expect(await sending).toMatchObject([{ ok: false, reason: expect.stringContaining('given up, enough') }])
  })
})
