import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, it, test } from 'vitest'
import type { CliDefinition } from '../src/definition.ts'
import { runCli } from '../src/run.ts'
import { definition, recorder, signalSource } from './streams.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cam-service-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const watch: NonNullable<CliDefinition['commands']> = [
  { name: 'watch', summary: 'stay', stays: true, does: { run: async () => 0 }, flags: ['dest'] },
]

async function service(
  argv: readonly string[],
  more: { program?: readonly string[]; env?: Record<string, string> } = {},
) {
  const [stdout, stderr, stdin] = [recorder(), recorder(), new PassThrough()]
  const code = await runCli(
    { ...definition, commands: watch },
    {
      argv: ['service', ...argv],
      env: { CAM_STATE_DIR: '/var/lib/some where', ...more.env },
      stdin,
      stdout,
      stderr,
      signals: signalSource(),
      cwd: '/srv/night watch',
      program: more.program ?? [process.execPath, '/usr/bin/env'],
      exit: () => {},
    },
  )
  const setting = (name: string) =>
    stdout
      .text()
      .split('\n')
      .filter((line) => line.startsWith(`${name}=`))
      .map((line) => line.slice(name.length + 1))
  return { code, out: stdout.text(), err: stderr.text(), setting }
}

test('a line that ends gets a timer, and every path in it is whole', async () => {
  const { code, out, err, setting } = await service([
    'print',
    'download',
    '--host',
    '192.0.2.7',
    '--outdir=foot age',
    '--env-file',
    '../cam.env',
    '--log-dir',
    'none',
  ])
  expect([code, err]).toEqual([0, ''])
  expect(setting('ExecStart')).toEqual([
    `${process.execPath} /usr/bin/env download --host 192.0.2.7 "--outdir=/srv/night watch/foot age" --env-file /srv/cam.env --log-dir none`,
  ])
  expect(setting('Type')).toEqual(['oneshot'])
  expect(setting('OnCalendar')).toEqual(['daily'])
  expect(setting('Persistent')).toEqual(['true'])
  expect(setting('RequiresMountsFor')).toEqual(['"/srv/night watch/foot age"'])
  expect(setting('User')).toEqual([userInfo().username])
  expect(setting('Environment')).toEqual(['"CAM_STATE_DIR=/var/lib/some where"'])
  // A run that failed, or was refused, is not tried again by itself; one that was killed is.
  expect([setting('Restart'), setting('RestartPreventExitStatus')]).toEqual([['on-failure'], ['1 2 64 75']])
  expect(out).toContain('enable --now pretend-cli-foot-age.timer')
})

test.each([
  ['--every', ['download', '--every', '15m']],
  ['a command that stays by itself', ['watch']],
])('what runs until it is stopped gets no timer: %s', async (_, line) => {
  const { code, setting, out } = await service(['print', ...line, '--dest', '/mnt/nas', '--password-file', 'p'])
  expect(code).toBe(0)
  expect([setting('Type'), setting('WantedBy'), setting('OnCalendar')]).toEqual([['exec'], ['multi-user.target'], []])
  expect(setting('RestartPreventExitStatus')).toEqual(['2 64'])
  expect(out).toContain('enable --now pretend-cli-nas.service')
})

test('an account that the line does not tell is asked for, in a file that only root can read', async () => {
  const { setting, out } = await service([
    'print',
    '--dest',
    '/d',
    '--service-name',
    'yard',
    '--on-calendar',
    'Mon 04:00',
  ])
  expect(setting('EnvironmentFile')).toEqual(['/etc/cam/yard.env'])
  expect(out).toContain('Put CAM_PRETEND_USER=… and CAM_PRETEND_PASSWORD=… into /etc/cam/yard.env (sudo chmod 600).')
  expect(setting('OnCalendar')).toEqual(['Mon 04:00'])
})

test('somebody else has a place of their own for logins', async () => {
  const { setting } = await service(['print', '--dest', '/d', '--service-user', 'cam'])
  expect([setting('User'), setting('StateDirectory'), setting('Environment')]).toEqual([
    ['cam'],
    ['pretend-cli-d'],
    ['CAM_STATE_DIR=%S/pretend-cli-d'],
  ])
})

test('each unit can be printed alone', async () => {
  expect((await service(['print', '--unit', 'timer', '--dest', '/d'])).out).toMatch(/^\[Unit\]\n[^#]*\[Timer\][^#]*$/)
  expect((await service(['print', '--unit=service', '--dest', '/d'])).out).toMatch(/^\[Unit\]\n[^#]*\[Service\][^#]*$/)
})

test('signs that mean something to systemd, or to a shell, are taken literally', async () => {
  const { setting } = await service([
    'print',
    '--dest',
    '/d',
    '--password-file',
    'p',
    '--layout',
    '50% of $HOME "q" \\{name}',
  ])
  expect(setting('ExecStart')[0]).toContain('--layout "50%% of $$HOME \\"q\\" \\\\{name}"')
})

test.each([
  ['a password', ['print', '--pass', 'sesame-1'], 'a file for --env-file, mode 600'],
  ['a URL that is a key', ['print', '--notify', 'https://hc-ping.com/sesame-1'], '--notify env:NAME'],
  ['a password that somebody types', ['print', '--password-stdin'], 'nobody types for a service'],
  ['a command that fetches nothing', ['print', 'cameras'], 'cameras is nothing to run again and again'],
  ['a trial', ['print', '--dry-run'], 'would keep nothing'],
  ['a flag that is none', ['print', '--hots', 'x'], 'There is no flag --hots'],
  ['a timer for what stays', ['print', '--every', '1h', '--on-calendar', 'daily'], 'no timer starts it'],
  ['a user that is none', ['print', '--service-user', 'a b'], "is no user's name"],
  ['a line break', ['print', '--layout', 'a\nb'], 'a unit cannot'],
  ['nothing to print', [], '"pretend-cli service print", followed by the line to run'],
])('refused, with 64 and nothing on stdout: %s', async (_, argv, says) => {
  const { code, out, err } = await service(argv)
  expect([code, out]).toEqual([64, ''])
  expect(err).toContain(says)
  expect(err).not.toContain('sesame')
})

it('warns where npx keeps the program', async () => {
  const { err } = await service(['print', '--dest', '/d'], { program: ['/n', '/root/.npm/_npx/0f/bin.js'] })
  expect(err).toContain('npm install --global')
})

const systemd = spawnSync('systemd-analyze', ['--version']).status === 0
if (!systemd) console.log('systemd-analyze is not installed: what it says of the units is not tested.')

test.skipIf(!systemd)('systemd finds nothing wrong with them', async () => {
  const folderOf = ['--dest', join(folder, '50% $HOME')]
  const timer = await service(['print', ...folderOf, '--service-name', 'odd', '--unit', 'timer'])
  const ends = await service(['print', ...folderOf, '--service-name', 'odd', '--unit', 'service'])
  const stays = await service(['print', ...folderOf, '--service-name', 'stays', '--unit', 'service', '--every', '15m'])
  await writeFile(join(folder, 'odd.timer'), timer.out)
  await writeFile(join(folder, 'odd.service'), ends.out)
  await writeFile(join(folder, 'stays.service'), stays.out)
  for (const unit of ['odd.timer', 'odd.service', 'stays.service']) {
    const said = spawnSync('systemd-analyze', ['verify', '--man=no', join(folder, unit)], { encoding: 'utf8' })
    // It also speaks of units of the machine.
    const ours = said.stderr.split('\n').filter((line) => /odd|stays/.test(line))
    expect(ours, unit).toEqual([])
    expect(said.error).toBeUndefined()
  }
  expect(execFileSync('systemd-analyze', ['calendar', 'daily'], { encoding: 'utf8' })).toContain('Normalized form')
})

it.each([
  ['when it runs', ['--on-calendar', 'daily\nUnit=other.service', '--dest', '/d']],
  ['when it runs, with a line that goes on', ['--on-calendar', 'daily\\', '--dest', '/d']],
  ['a folder', ['--unit', 'timer', '--dest', '/srv/a\nUnit=other.service']],
])('%s cannot bring lines of its own into a unit', async (_, argv) => {
  const { code, out } = await service(['print', ...argv])
  expect(code).toBe(64)
  expect(out).not.toContain('other.service')
})
