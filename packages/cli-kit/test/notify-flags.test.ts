import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { httpServer } from '../../notify/test/http-server.ts'
import { readTargets } from '../src/notices/targets.ts'
import { helpText, parse } from '../src/parse.ts'
import { definition } from './streams.ts'
import { runHere } from './unattended.ts'

let folder: string
let file: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cam-notify-flags-'))
  file = join(folder, 'env')
  const lines = [
    'PING=https://hc-ping.com/5c1f9d0e-6a5b-4c3d-9e8f-7a6b5c4d3e2f',
    'MAIL="smtp://me@mail.example.org/?to=a@x.org,b@x.org"',
    'CAM_NOTIFY_SMTP_PASSWORD=swordfish',
    'HOOK=https://hooks.example.org/secret#part',
  ]
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const read = (argv: readonly string[], env: Record<string, string> = {}) =>
  readTargets(parse(definition, argv).flags, env)

describe('--notify', () => {
  it('may be repeated, and is not split at commas', async () => {
    const argv = ['--notify', 'smtp://mail.example.org/?to=a@x.org,b@x.org', '--notify', 'exec:/bin/tell "a, b"']
    const { targets } = await read(argv)
    expect(targets).toMatchObject([
      { channel: 'mail', to: ['a@x.org', 'b@x.org'] },
      { channel: 'command', args: ['a, b'] },
    ])
  })

  it('takes a URL and the password of a mail server from --env-file or the environment', async () => {
    const { targets, secrets, warnings } = await read(
      ['--notify', 'env:PING', '--notify', 'env:MAIL', '--notify', 'env:OTHER', '--env-file', file],
      { OTHER: ' https://hooks.example.org/other ', CAM_NOTIFY_SMTP_PASSWORD: 'from the environment' },
    )
    expect(targets.map(({ label }) => label)).toEqual([
      'ping hc-ping.com',
      'mail to a@x.org, b@x.org via mail.example.org:587',
      'webhook hooks.example.org',
    ])
    expect(targets[1]).toMatchObject({ login: { user: 'me', password: 'swordfish' } })
    expect(secrets).toContain('swordfish')
    expect(warnings).toEqual([])
    const alone = await read(['--notify', 'env:MAIL'], {
      MAIL: 'smtp://me@mail.example.org/?to=a@x.org',
      CAM_NOTIFY_SMTP_PASSWORD: 'from the environment',
    })
    expect(alone.targets[0]).toMatchObject({ login: { password: 'from the environment' } })
  })

  it('says where a password can be seen, where a comment cuts a value off, and what is never sent', async () => {
    const line = ['--notify', 'smtp://me:swordfish@mail.example.org/?to=a@x.org', '--notify', 'env:HOOK']
    const { warnings } = await read([...line, '--env-file', file, '--notify-on', 'fail,expiring'])
    expect(warnings).toEqual([
      expect.stringMatching(/what follows the # in HOOK/),
      expect.stringMatching(/^--notify shows the password of "mail to a@x\.org .*CAM_NOTIFY_SMTP_PASSWORD/),
      expect.stringMatching(/^--notify-on expiring: /),
    ])
    expect(warnings.join()).not.toContain('swordfish')
  })

  it.each([
    [['--notify', 'mailto:someone'], /--notify: A notification URL must be one of smtp:/],
    [['--notify', ''], /--notify: the value is empty/],
    [['--notify', 'smtp://u:hunter2@h/'], /--notify: A mail URL must say whom to write to/],
    [['--notify', 'smtp://me@h/?to=a@x.org'], /CAM_NOTIFY_SMTP_PASSWORD/],
    [['--notify', 'env:https://hooks.example.org/hunter2'], /--notify: env: must be followed by the name/],
    [['--notify', 'env:NOWHERE'], /--notify: env:NOWHERE is neither in the environment nor in --env-file/],
    [['--notify', 'https://hc-ping.com/'], /UUID/],
    [['--notify', 'https://x.org/h', '--notify-on', 'fail,hunter3'], /--notify-on: .*received hunter3/],
    [['--notify-on', 'fail'], /--notify-on says what is told, but nobody is/],
    [['--every', '30s'], /--every: "30s" is not a length of time from 1m to 31d;/],
    [['--every', '32d'], /--every/],
    [['--every', '36h'], /--every: "36h" is more than a day; .*whole days/],
    [['--every', '15m', '--dry-run'], /--every: there is nothing to repeat/],
    [['plan', '--every', '15m'], /--every means nothing to plan/],
    [['cameras', '--every', '15m'], /--every: cameras is not repeated/],
  ])('%j ends with 64 before anything is contacted, and shows no secret', async (argv, message) => {
    const source = () => {
      throw new Error('made although the command line is wrong')
    }
    const { code, stderr } = await runHere(source, argv, { folder })
    expect([code, stderr]).toEqual([64, expect.stringMatching(message)])
    expect(stderr).not.toMatch(/hunter2|although/)
  })

  it('is in the help of commands that fetch, and not in that of others', () => {
    const help = (name: string) => helpText(definition, parse(definition, [name, '--help']).command)
    for (const name of ['download', 'retry']) expect(help(name)).toMatch(/Unattended:[\s\S]*--every[\s\S]*--notify-on/)
    expect(help('plan')).not.toContain('--every')
    for (const name of ['cameras', 'verify', 'coverage']) expect(help(name)).not.toContain('--notify')
  })

  it('shows nothing of its URL but the host, whatever becomes of it', async () => {
    await using server = await httpServer((response) => response.writeHead(404).end('no token-of-mine here'))
    const hook = `${server.url.replace('//', '//me:pass-of-mine@')}/token-of-mine?key=key-of-mine`
    const log = join(folder, 'run.log')
    const run = await runHere({}, ['--verbose', '--log-file', log, '--notify', 'env:HOOK', '--notify-on', 'finish'], {
      ...{ folder, env: { HOOK: hook } },
    })
    expect(run.warnings()).toEqual([expect.stringMatching(/^WARN {2}Not told finish: webhook 127\.0\.0\.1:\d+/)])
    expect(server.requests).toHaveLength(1)

    for (const text of [run.stdout, run.stderr, await readFile(log, 'utf8')]) expect(text).not.toContain('of-mine')
  })
})
