import { readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { PassThrough } from 'node:stream'
import { type Clock, systemClock } from '@cam/download-core'
import { type EagleEyeSimulatorOptions, startEagleEye } from '@cam/simulators/eagleeye'
import { describe, expect, it } from 'vitest'
import {
  type Env,
  emptyFolder,
  paragraph,
  place,
  runHere,
  sessionFiles,
  spawnEagleEye,
  startHere,
  storeLogin,
  windowFlags,
} from './run.ts'
import { hour, worldEnd } from './world.ts'

/** A port that is free, as the redirect address of one test; not one that the system gives to servers which take any. */
async function redirectUri(): Promise<string> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
    if (isFree) return `http://127.0.0.1:${port}`
  }
}

const anyPort = 'http://127.0.0.1:*'

async function pretendLogin(options: EagleEyeSimulatorOptions = {}) {
  const uri = await redirectUri()
  const cloud = await startEagleEye({ ...options, switches: { redirectUris: anyPort, ...options.switches } })
  const { env, state } = await place(cloud, { loggedIn: false })
  return { cloud, uri, env, state, args: ['login', ...cloud.args, '--redirect-uri', uri] }
}

/** A login that waits, and the address it printed. */
async function waiting(args: readonly string[], env: Env, more: Parameters<typeof startHere>[2] = {}) {
  const running = startHere(args, env, more)
  const printed = () => /^http\S+\/oauth2\/authorize\S+$/m.exec(running.text())?.[0]
  while (!printed()) {
    const isOver = await Promise.race([running.ended, new Promise((resolve) => setTimeout(resolve, 5))])
    if (isOver) throw new Error(`It ended before it printed an address:\n${running.text()}`)
  }
  return { ...running, url: printed()! }
}

/** Somebody who types, and sees what is typed. */
function typing() {
  return Object.assign(new PassThrough(), { isTTY: true })
}

/** The address a browser ends at, without going there. */
async function endsAt(url: string): Promise<string> {
  return (await fetch(url, { redirect: 'manual' })).headers.get('location')!
}

describe('login in a browser', () => {
  it('follows the consent to its end, as a process of its own, and every run has the login from then on', async () => {
    const { cloud, uri, env, state, args } = await pretendLogin()
    await using _ = cloud
    const run = spawnEagleEye(args, env)
    await run.said(/oauth2\/authorize\S+\n/)
    const url = /^http\S+\/oauth2\/authorize\S+$/m.exec(run.stdout())![0]
    expect(url).toContain(`&redirect_uri=${uri}`)
    expect(url).not.toContain('secret')
    expect((await fetch(`${uri}/favicon.ico`)).status).toBe(404)
    expect((await fetch(uri)).status).toBe(400)
    const page = await fetch(url)
    expect([page.status, page.headers.get('content-security-policy')]).toEqual([
      200,
      expect.stringMatching(/default-src 'none'/),
    ])
    const html = await page.text()
    expect(html).toMatch(/You may close this page/)
    expect(html).not.toMatch(/https?:|src=|href=/)
    const { code, stdout } = await run.ended
    expect([code, cloud.tokens]).toEqual([0, expect.objectContaining({ exchanged: 1, refused: 0 })])
    expect(stdout).toMatch(/stored in .*only you can read/)
    expect(stdout).toContain(state)
    expect(stdout).toMatch(
      /Logged in as archivist@example\.com \(00032123\)\. It lasts until \d{4}-.* UTC if nothing runs before/,
    )

    const [file] = sessionFiles(state)
    expect(statSync(file!).mode & 0o777).toBe(0o600)
    expect((await runHere(['cameras', ...cloud.args], env)).code).toBe(0)
    const tokens = JSON.parse(readFileSync(file!, 'utf8')) as Record<string, string>
    expect(stdout + html).not.toContain(tokens.accessToken)
    expect(cloud.violations).toEqual([])
  })

  it('takes the address that the browser ended at, or the code alone, from a terminal or a pipe', async () => {
    const { cloud, env, args } = await pretendLogin()
    await using _ = cloud
    // Nothing listens at an address that is not this machine's: only pasting is left.
    cloud.set({ redirectUris: 'https://archive.example.com/back' })
    const elsewhere = [...args.slice(0, -1), 'https://archive.example.com/back']
    const stdin = typing()
    const first = await waiting(elsewhere, env, { stdin })
    expect(first.text()).toMatch(/Only http:\/\/127\.0\.0\.1:PORT can be listened on/)
    stdin.write('what is a code?\n')
    const landed = await endsAt(first.url)
    stdin.write(`  ${landed}\n`)
    const done = await first.ended
    expect([done.code, done.stderr]).toEqual([0, expect.stringMatching(/neither a code nor an address/)])

    const code = new URL(await endsAt(first.url)).searchParams.get('code')!
    const piped = await spawnEagleEye(elsewhere, env, `${code}\n`).ended
    expect([piped.code, cloud.tokens.exchanged]).toEqual([0, 2])
    const nothing = await spawnEagleEye(elsewhere, env, '').ended
    expect([nothing.code, paragraph(nothing.stderr)]).toEqual([
      64,
      expect.stringMatching(/consent cannot come back.*on a terminal/),
    ])
  })

  it('falls back to pasting where another program has the port', async () => {
    const { cloud, uri, env, args } = await pretendLogin()
    await using _ = cloud
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(Number(new URL(uri).port), '127.0.0.1', resolve))
    try {
      const stdin = typing()
      const run = await waiting(args, env, { stdin })
      expect(run.text()).toMatch(
        /WARN {2}127\.0\.0\.1:\d+: another program listens there\. The code has to be pasted\./,
      )
      stdin.write(`${await endsAt(run.url)}\n`)
      expect((await run.ended).code).toBe(0)
    } finally {
      other.close()
    }
  })

  it('tells everything as JSON, where that is wanted', async () => {
    const { cloud, uri, env, args } = await pretendLogin()
    await using _ = cloud
    const run = startHere([...args, '--json'], env)
    const asked = () => /"url":"([^"]+)"/.exec(run.text())?.[1]
    while (!asked()) await new Promise((resolve) => setTimeout(resolve, 5))
    await fetch(asked()!)
    const { code, json } = await run.ended
    expect([code, json()]).toEqual([
      0,
      [
        { type: 'consent-asked', url: asked(), redirectUri: uri, listening: true },
        {
          type: 'login-ended',
          account: '00032123',
          name: 'archivist@example.com',
          expires: expect.stringMatching(/Z$/),
        },
      ],
    ])
  })

  it('of a client without a secret ends with its token, and says so', async () => {
    const { cloud, env, args } = await pretendLogin({ switches: { publicClient: true } })
    await using _ = cloud
    const run = await waiting(args, env)
    await fetch(run.url)
    expect(await run.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/until .* cannot be renewed/) })
    expect((await runHere(['cameras', ...cloud.args], env)).code).toBe(0)
  })
})

describe('a login that comes to nothing', () => {
  it('says that the consent was refused, here and in the browser', async () => {
    const { cloud, env, state, args } = await pretendLogin({ switches: { consent: 'deny' } })
    await using _ = cloud
    const run = await waiting(args, env)
    expect(await (await fetch(run.url)).text()).toMatch(/The consent was refused/)
    const { code, stderr } = await run.ended
    expect([code, paragraph(stderr)]).toEqual([
      2,
      expect.stringMatching(/refused in the browser: access_denied.*login again/),
    ])
    expect([sessionFiles(state), cloud.log.ofNode('token')]).toEqual([[], []])
  })

  it('does nothing with an answer to somebody else', async () => {
    const { cloud, uri, env, args } = await pretendLogin()
    await using _ = cloud
    const run = await waiting(args, env)
    await fetch(`${uri}/?code=mine&state=another`)
    const { code, stderr } = await run.ended
    expect([code, paragraph(stderr)]).toEqual([
      2,
      expect.stringMatching(/belongs to another login: its state is not the one/),
    ])
    const stdin = typing()
    const pasting = await waiting(args, env, { stdin })
    stdin.write(`${uri}/?code=mine&state=another\n`)
    expect((await pasting.ended).code).toBe(2)
    expect(cloud.log.ofNode('token')).toEqual([])
  })

  it('tries a code once: one that is used up or made up is refused, in words', async () => {
    const { cloud, env, state, args } = await pretendLogin()
    await using _ = cloud
    const { code, stderr } = await spawnEagleEye(args, env, 'a-code-that-never-was\n').ended
    expect([code, paragraph(stderr)]).toEqual([
      2,
      expect.stringMatching(/code is not taken \(HTTP 401: invalid_grant\).*five minutes/),
    ])
    expect([cloud.log.ofNode('token').length, sessionFiles(state)]).toEqual([1, []])
    expect(stderr).not.toContain('a-code-that-never-was')
  })

  it('with a wrong client: names id and secret', async () => {
    const { cloud, env, args } = await pretendLogin()
    await using _ = cloud
    const run = await waiting(args, { ...env, CAM_EAGLEEYE_CLIENT_SECRET: 'not-it' })
    await fetch(run.url)
    const { code, stderr } = await run.ended
    expect([code, paragraph(stderr)]).toEqual([
      2,
      expect.stringMatching(/does not take the client "client-id".*--client-id and --client-secret/),
    ])
    expect(stderr).not.toContain('not-it')
  })

  it('gives up after ten minutes', async () => {
    const { cloud, env, args } = await pretendLogin()
    await using _ = cloud
    const waits: number[] = []
    // Ten minutes pass once something is waited for that long.
    const clock: Clock = {
      ...systemClock,
      wait: (ms, signal) => {
        waits.push(ms)
        return systemClock.wait(ms === 600_000 ? 20 : ms, signal)
      },
    }
    const { code, stderr } = await (await waiting(args, env, { clock })).ended
    expect([code, paragraph(stderr)]).toEqual([2, expect.stringMatching(/No consent came within 10 minutes/)])
    expect(waits).toContain(600_000)
  })

  it('by Ctrl-C: 130, and the port is free again', async () => {
    const { cloud, uri, env, args } = await pretendLogin()
    await using _ = cloud
    const run = spawnEagleEye(args, env)
    await run.said(/oauth2\/authorize/)
    run.child.kill('SIGINT')
    expect(await run.ended).toMatchObject({ code: 130, signal: null })
    await expect(fetch(uri)).rejects.toThrow()
  })

  it.each([
    [['login', '--api', 'classic'], /login belongs to --api v3; --api classic logs in by itself/],
    [['login'], /No client id: add --client-id NAME, or set CAM_EAGLEEYE_CLIENT_ID/],
    [['login', '--client-id', 'x', '--forget-session'], /--forget-session means nothing to login/],
    [['login', '--client-id', 'x', '--start', '-1h'], /--start means nothing to login/],
    [['login', '--client-id', 'x', '--redirect-uri', '127.0.0.1'], /--redirect-uri: "127\.0\.0\.1" is not an address/],
    [
      ['--client-id', 'x', '--redirect-uri', 'http://127.0.0.1:1'],
      /--redirect-uri means nothing to download; it belongs to login/,
    ],
  ])('a mistake on the command line: %j', async (args, message) => {
    const { code, stderr } = await runHere(args, { CAM_STATE_DIR: emptyFolder() })
    expect([code, paragraph(stderr)]).toEqual([64, expect.stringMatching(message)])
  })
})

it.each([
  [5, /^WARN {2}The login of client-id ends at .*, in (5d00h|4d23h)\. Renew it: eagleeye-cli login$/m],
  [8, undefined],
])('a run whose login ends in %i days says so in the last week of it', async (days, warning) => {
  await using cloud = await startEagleEye()
  const { env, state, dest } = await place(cloud, { loggedIn: false })
  // Renewed by the run, which does not make the consent any younger.
  await storeLogin(cloud, state, { ...systemClock, now: () => Date.now() - (90 - days) * 86_400_000 })
  const { code, stdout, stderr } = await runHere(
    [...cloud.args, '--dest', dest, ...windowFlags({ start: worldEnd - 2 * hour, end: worldEnd })],
    env,
  )
  expect([code, cloud.tokens.refreshed]).toEqual([0, 1])
  if (warning) expect(`${stdout}\n${stderr}`).toMatch(warning)
  else expect(`${stdout}\n${stderr}`).not.toContain('The login of')
})
