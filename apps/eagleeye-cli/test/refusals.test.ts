import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { startEagleEye } from '@cam/simulators/eagleeye'
import { describe, expect, it } from 'vitest'
import { emptyFolder, paragraph, place, runHere, sessionFiles, windowFlags } from './run.ts'
import { day, filesOf, worldEnd } from './world.ts'

const lastDay = windowFlags({ start: worldEnd - day, end: worldEnd })
const bare = () => ({ CAM_STATE_DIR: emptyFolder() })

describe('a run of v3 that cannot begin', () => {
  it('no login is stored: names the command', async () => {
    await using cloud = await startEagleEye()
    const { dest, env, line } = await place(cloud, { loggedIn: false })
    const { code, stderr } = await runHere([...line, ...lastDay], env)
    expect([code, paragraph(stderr)]).toEqual([
      2,
      expect.stringMatching(/No login is stored for the client "client-id".*eagleeye-cli login/),
    ])
    expect([cloud.log.entries, filesOf(dest)]).toEqual([[], []])
  })

  it('the login is over: one request, and the command', async () => {
    await using cloud = await startEagleEye()
    const { env, line } = await place(cloud)
    cloud.rotateNow()
    const { code, stderr } = await runHere([...line, ...lastDay], env)
    expect([code, paragraph(stderr)]).toEqual([
      2,
      expect.stringMatching(/stored login is over.*90 days.*eagleeye-cli login.*next run/),
    ])
    expect(cloud.tokens).toMatchObject({ reused: 1, refused: 1 })
  })

  it.each([
    [[], /No client id: add --client-id NAME, or set CAM_EAGLEEYE_CLIENT_ID/],
    [['--username', 'me'], /--username means nothing here.*--client-id/],
    [['--client-id', 'x', '--format', 'flv'], /--format flv belongs to --api classic/],
    [['--client-id', 'x', '--unattached'], /--unattached belongs to --api classic/],
    [['--client-id', 'x', '--api-key-header', 'Authorization'], /--api-key-header belongs to --api classic/],
    [['--client-id', 'x', '--forget-session'], /--forget-session: --api v3 works with the login that is kept/],
    [['--client-id', 'x', '--base-url', 'api.example.com'], /--base-url: "api\.example\.com" is not https:\/\/HOST/],
    [['--base-url', 'https://me:sesame@api.example.com'], /--base-url: "https:\/\/\*\*\*@api\.example\.com"/],
    [['--api', 'v2'], /--api: "v2" is none of v3, classic/],
    [['--client-id', 'x', '--settle', 'soon'], /--settle: "soon" is not a length of time/],
    [['--api', 'classic', '--client-id', 'x'], /--client-id means nothing here.*--username/],
    [['--api', 'classic'], /No account: add --username NAME, or set CAM_EAGLEEYE_USERNAME/],
    [['--api', 'classic', '--username', 'me'], /No password for "me": set CAM_EAGLEEYE_PASSWORD/],
    [['--api', 'classic', '--username', 'me', '--api-key', 'with spaces'], /apiKey must be printable ASCII/],
  ])('a mistake on the command line: %j', async (args, message) => {
    const env = args.includes('--api-key') ? { ...bare(), CAM_EAGLEEYE_PASSWORD: 'pass' } : bare()
    const { code, stdout, stderr } = await runHere([...args, '--dest', emptyFolder()], env)
    expect([code, paragraph(stderr)]).toEqual([64, expect.stringMatching(message)])
    expect(stdout + stderr).not.toContain('sesame')
  })

  it('a pretend cloud that is described wrongly', async () => {
    const { code, stderr } = await runHere(['--client-id', 'x', '--dest', emptyFolder()], {
      ...bare(),
      CAM_EAGLEEYE_ORIGINS: '{',
    })
    expect([code, paragraph(stderr)]).toEqual([64, expect.stringMatching(/CAM_EAGLEEYE_ORIGINS is no JSON/)])
  })
})

describe('a run of classic that cannot begin', () => {
  it('wrong password: sent once, exit 2, never shown', async () => {
    await using cloud = await startEagleEye({ switches: { api: 'classic' } })
    const { dest, env, line } = await place(cloud)
    const { code, stdout, stderr } = await runHere([...line, ...lastDay], {
      ...env,
      CAM_EAGLEEYE_PASSWORD: 'not-it-at-all',
    })
    expect([code, paragraph(stderr)]).toEqual([
      2,
      expect.stringMatching(/did not let in the account \(user "archivist@example\.com"\).*of the web page.*sent once/),
    ])
    expect(stdout + stderr).not.toContain('not-it-at-all')
    expect([cloud.log.ofNode('authenticate').length, filesOf(dest)]).toEqual([1, []])
  })

  it.each([
    ['412', /says that the user is disabled.*administrator/],
    ['465', /does not take logins from this IP address.*public address/],
    ['402', /customer account is suspended/],
  ] as const)('HTTP %s: one request, and what to do', async (loginRefused, message) => {
    await using cloud = await startEagleEye({ switches: { api: 'classic', loginRefused } })
    const { env, line } = await place(cloud)
    const { code, stderr } = await runHere([...line, ...lastDay], env)
    expect([code, paragraph(stderr)]).toEqual([2, expect.stringMatching(message)])
    expect(cloud.log.ofNode('authenticate')).toHaveLength(1)
  })

  it('a second factor: says what to do, and the cookie of a trusted device does it', async () => {
    await using cloud = await startEagleEye({ switches: { api: 'classic', tfa: 'email' } })
    const { env, state, line } = await place(cloud)
    const without = await runHere([...line, ...lastDay], env)
    expect([without.code, paragraph(without.stderr)]).toEqual([
      2,
      expect.stringMatching(/second factor.*trust that device.*CAM_EAGLEEYE_TFA_KEY/),
    ])
    const post = (path: string, body: object) =>
      fetch(`${cloud.hosts.classicLogin}/g/aaa/${path}`, {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
      })
    const asked = await post('authenticate', { username: 'archivist@example.com', password: 'pass' })
    const { token } = (await asked.json()) as { token: string }
    const let_in = await post('authorize', { token, two_factor_authentication_code: '2468' })
    const tfaKey = /tfa_key=([^;]+)/.exec(let_in.headers.getSetCookie().join('\n'))![1]!
    const withKey = await runHere([...line, ...lastDay], { ...env, CAM_EAGLEEYE_TFA_KEY: tfaKey })
    expect([withKey.code, withKey.stdout + withKey.stderr]).toEqual([0, expect.not.stringContaining(tfaKey)])
    // It is kept with the session.
    cloud.expireSessions()
    expect((await runHere([...line, ...lastDay], env)).code).toBe(0)
    expect(sessionFiles(state)).toHaveLength(1)
  })
})

describe('something else that answers', () => {
  it.each(['v3', 'classic'] as const)('nobody, at --base-url (%s)', async (api) => {
    await using cloud = await startEagleEye({ switches: { api } })
    const { env, line } = await place(cloud)
    await cloud.close()
    const { code, stderr } = await runHere([...line, '--max-retries', '0', ...lastDay], env)
    expect([code, paragraph(stderr)]).toEqual([2, expect.stringMatching(/refused.*--base-url/)])
  })

  it('a page, in place of the classic interface: nothing is kept, and the password is sent once', async () => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(request.url!)
      response.setHeader('content-type', 'text/html').end('<html><body>Welcome to the hotel</body></html>')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const env = { ...bare(), CAM_EAGLEEYE_PASSWORD: 'sesame' }
      const args = ['--api', 'classic', '--username', 'me', '--base-url', url, '--dest', emptyFolder()]
      const { code, stderr } = await runHere(args, env)
      expect([code, paragraph(stderr)]).toEqual([
        2,
        expect.stringMatching(/no token .*Welcome to the hotel.*--base-url/),
      ])
      expect(stderr).not.toContain('sesame')
      expect(asked).toEqual(['/g/aaa/authenticate'])
    } finally {
      server.close()
    }
  })
})

describe('secrets', () => {
  it.each(['v3', 'classic'] as const)('are in no output, no log and no ledger (%s)', async (api) => {
    const credentials = { password: 'sesame-opens', clientSecret: 'sesame-opens' }
    await using cloud = await startEagleEye({
      credentials,
      switches: { api, failN: 1, failStatus: '500', apiKey: 'key-opens' },
    })
    const { dest, env, state, line } = await place(cloud)
    const log = join(emptyFolder(), 'run.log')
    const loud = await runHere([...line, ...lastDay, '--verbose', '--log-file', log, '--max-retries', '0'], env)
    const json = await runHere([...line, ...lastDay, '--json'], env)
    expect([loud.code, json.code]).toEqual([1, 0])
    const session = readFileSync(sessionFiles(state)[0]!, 'utf8')
    const { accessToken, refreshToken, session: cookie } = JSON.parse(session) as Record<string, string>
    const own = [accessToken, refreshToken, cookie].filter((one) => one !== undefined)
    expect(own.length).toBeGreaterThan(0)
    const ledger = readFileSync(join(dest, '.cam', 'ledger.sqlite'), 'latin1')
    const logs = readdirSync(join(dest, 'logs')).map((name) => readFileSync(join(dest, 'logs', name), 'utf8'))
    expect(logs.length).toBeGreaterThanOrEqual(5)
    for (const text of [loud.stdout, loud.stderr, json.stdout, json.stderr, readFileSync(log, 'utf8'), ledger, ...logs])
      for (const secret of ['sesame-opens', 'key-opens', ...own]) expect(text).not.toContain(secret)
    expect(session).not.toContain('sesame-opens')
  })
})

describe('local_settings.py', () => {
  it('is read as it stands, with the key where the scripts sent it', async () => {
    await using cloud = await startEagleEye({ switches: { api: 'classic', apiKeyRequired: true } })
    const { dest, env } = await place(cloud)
    const file = join(emptyFolder(), 'local_settings.py')
    const settings = [
      'username = "archivist@example.com"',
      'password = "pass"',
      'api_key = "een-api-key"',
      'email_user = ""',
    ]
    writeFileSync(file, `\n#Enter your credentials\n${settings.join('\n')}`, { mode: 0o600 })
    const { CAM_STATE_DIR, CAM_EAGLEEYE_ORIGINS } = env as Record<string, string>
    const args = [...cloud.args, '--env-file', file, '--api-key-header', 'Authorization', '--dest', dest, ...lastDay]
    const { code, stdout, stderr } = await runHere(args, {
      CAM_STATE_DIR: CAM_STATE_DIR!,
      CAM_EAGLEEYE_ORIGINS: CAM_EAGLEEYE_ORIGINS!,
    })
    expect([code, stderr]).toEqual([0, ''])
    expect(cloud.log.ofNode('media')[0]!.headers.authorization).toBeDefined()
    expect(stdout).toMatch(/SAVE {2}\S+\/100a1000-20260208\d{6}\.\d{3}\.flv\n/)
  })
})
