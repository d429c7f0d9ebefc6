import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { AuthenticationError, type FootageSource } from '@cam/download-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { commandsOf } from '../src/command-table.ts'
import type { CliDefinition, CommandTools, SourceContext } from '../src/definition.ts'
import { exitCodes } from '../src/exit-codes.ts'
import { helpText } from '../src/parse.ts'
import { runCli } from '../src/run.ts'
import type { InputStream } from '../src/surroundings.ts'
import { definition, keyboard, recorder, signalSource } from './streams.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cam-accounts-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** An account with name and password behind `--api old`, else an application with an id, and perhaps a secret. */
function cli(seen: SourceContext[], program: (tools: CommandTools) => Promise<void> = async () => {}): CliDefinition {
  return {
    ...definition,
    connection: [
      ...definition.connection,
      { name: 'api', value: 'NAME', byDefault: 'new', group: 'Camera', help: 'old or new' },
    ],
    download: [
      { name: 'format', value: 'NAME', group: 'How', help: 'of the files' },
      { name: 'redirect', value: 'URL', group: 'Camera', help: 'where the browser goes' },
    ],
    credentials: [
      {
        when: (flags) => flags.text('api') === 'old',
        username: { flag: 'username', env: 'CAM_PRETEND_USERNAME' },
        password: { flag: 'password', env: 'CAM_PRETEND_PASSWORD' },
        others: [
          { flag: 'api-key', env: 'CAM_PRETEND_KEY', help: 'key of the interface', value: 'KEY' },
          { flag: 'tfa-key', env: 'CAM_PRETEND_TFA', help: 'key of a device that is trusted' },
        ],
        settingsFile: { username: 'USERNAME' },
      },
      {
        username: { flag: 'client-id', env: 'CAM_PRETEND_ID', label: 'client id' },
        password: { flag: 'client-secret', env: 'CAM_PRETEND_SECRET', label: 'client secret', optional: true },
      },
    ],
    commands: [
      {
        name: 'login',
        summary: 'log in with a browser',
        flags: ['redirect'],
        does: {
          async run(tools) {
            seen.push(tools.context)
            await program(tools)
            return exitCodes.done
          },
        },
      },
    ],
    makeSource: (_flags, context) => {
      seen.push(context)
      return nothing
    },
  }
}

const nothing: FootageSource = {
  vendor: 'Pretend',
  limits: { transfers: 1, transfersPerCamera: 1 },
  identify: async () => ({ id: 'account', name: 'Account' }),
  async *cameras() {
    yield { id: 'c1', name: 'Gate' }
    yield { id: 'c2', name: 'Yard' }
  },
  async *recordings() {},
  open: () => Promise.reject(new TypeError('nothing is ever opened')),
  async [Symbol.asyncDispose]() {},
}

interface How {
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: InputStream
  readonly program?: (tools: CommandTools) => Promise<void>
  readonly columns?: number
}

async function run(argv: readonly string[], { env = {}, stdin, program, columns }: How = {}) {
  const contexts: SourceContext[] = []
  const [stdout, stderr, signals] = [recorder(), recorder(columns), signalSource()]
  const closed = new PassThrough()
  closed.end()
  const ended = runCli(cli(contexts, program), {
    argv,
    env: { CAM_STATE_DIR: join(folder, 'state'), ...env },
    stdin: stdin ?? closed,
    stdout,
    stderr,
    signals,
    exit: () => {},
  })
  const done = async () => {
    const code = await ended
    return { code, stdout: stdout.text(), stderr: stderr.text(), context: contexts[0] }
  }
  return { signals, stderr, done }
}

const ran = async (argv: readonly string[], how?: How) => (await run(argv, how)).done()

describe('accounts of several kinds', () => {
  it('are chosen by the flags, and asked for in their own words', async () => {
    const old = await ran(['cameras', '--api', 'old'])
    expect([old.code, old.stderr]).toEqual([64, expect.stringMatching(/No account: add --username NAME, or set CAM_/)])
    const { code, stderr } = await ran(['cameras'])
    expect([code, stderr]).toEqual([
      64,
      expect.stringContaining(
        'No client id: add --client-id NAME, or set CAM_PRETEND_ID in the environment or in --env-file.',
      ),
    ])
    const secret = await ran(['cameras', '--api', 'old', '--username', 'root'])
    expect([secret.code, secret.stderr]).toEqual([64, expect.stringMatching(/CAM_PRETEND_PASSWORD.*--password-file/)])
  })

  it('need no secret where it is optional, and ask nobody for it', async () => {
    const stdin = keyboard()
    const { code, context } = await ran(['cameras', '--client-id', 'app'], { stdin, columns: 80 })
    expect([code, context?.username, context?.password, stdin.raw]).toEqual([0, 'app', '', []])
  })

  it('take --password-file and --password-stdin for the secret of the chosen kind', async () => {
    const path = join(folder, 'secret')
    await writeFile(path, 'sesame\n')
    await chmod(path, 0o600)
    const read = await ran(['cameras', '--client-id', 'app', '--password-file', path])
    expect([read.code, read.context?.password]).toEqual([0, 'sesame'])
    const stdin = new PassThrough()
    stdin.end('open\n')
    expect((await ran(['cameras', '--client-id', 'app', '--password-stdin'], { stdin })).context?.password).toBe('open')
    const both = await ran(['cameras', '--client-id', 'app', '--client-secret', 'x', '--password-file', path])
    expect([both.code, both.stderr]).toEqual([64, expect.stringMatching(/both give a client secret/)])
    const keys = keyboard()
    const asked = await run(['cameras', '--client-id', 'app', '--password-stdin'], { stdin: keys, columns: 80 })
    keys.write('typed\r')
    const typed = await asked.done()
    expect([typed.context?.password, typed.stderr]).toEqual([
      'typed',
      expect.stringContaining('Client secret of app: '),
    ])
  })

  it('refuse the flags of another kind', async () => {
    const { code, stderr } = await ran(['cameras', '--client-id', 'app', '--username', 'root'])
    expect([code, stderr]).toEqual([64, expect.stringMatching(/--username .*--client-id and --client-secret/)])
  })

  it('show all their flags in the help', () => {
    const [first] = commandsOf(cli([]))
    const help = helpText(cli([]), first).replace(/\s+/g, ' ')
    for (const flag of ['--username <NAME>', '--client-secret <PASSWORD>', '--api-key <KEY>', '--tfa-key <SECRET>']) {
      expect(help).toContain(flag)
    }
    expect(help).toContain('read the password or client secret from the first line of a file')
  })
})

describe('further secrets', () => {
  const account = ['--api', 'old', '--username', 'root', '--password', 'sesame']

  it('come from a flag, which is warned about once, from a file or from the environment', async () => {
    const path = join(folder, 'settings')
    await writeFile(path, 'CAM_PRETEND_TFA=device\nUSERNAME=operator\n')
    await chmod(path, 0o600)
    const env = { CAM_PRETEND_KEY: 'of-the-environment', CAM_PRETEND_TFA: 'not-this-one' }
    const found = await ran(['cameras', ...account, '--env-file', path], { env })
    expect(found.context?.secrets).toEqual({ 'api-key': 'of-the-environment', 'tfa-key': 'device' })
    const given = await ran(['cameras', '--json', ...account, '--api-key', 'hush'], { env })
    expect(given.context?.secrets).toEqual({ 'api-key': 'hush', 'tfa-key': 'not-this-one' })
    expect(given.stdout.match(/--api-key shows it.*CAM_PRETEND_KEY/g)).toHaveLength(1)
    expect(given.stdout + given.stderr).not.toContain('hush')
    expect((await ran(['cameras', ...account])).context?.secrets).toEqual({})
  })
})

describe('a program', () => {
  it('is in the help, and has the flags of connection, trust and output, and its own', async () => {
    const made = cli([])
    const help = (name: string) => helpText(made, commandsOf(made).find((command) => command.name === name)!)
    expect(help('download')).toMatch(/\n {2}login +log in with a browser\n/)
    expect(help('download')).not.toContain('--redirect')
    for (const flag of ['--redirect', '--host', '--api', '--client-id', '--ca', '--json', '--timeout', '--log-file']) {
      expect(help('login')).toContain(`${flag} `.trimEnd())
    }
    for (const flag of ['--start', '--layout', '--dest', '--cameras', '--format', '--overwrite']) {
      expect(help('login')).not.toContain(flag)
    }
    const { code, stderr } = await ran(['login', '--client-id', 'app', '--start', '-1h'])
    expect([code, stderr]).toEqual([64, expect.stringContaining('--start means nothing to login.')])
  })

  it('is given the account, and speaks through the report', async () => {
    const { code, stdout, context } = await ran(['login', '--client-id', 'app', '--json'], {
      program: async ({ report, flags, interactive }) => {
        expect([flags.text('host'), interactive]).toEqual(['192.0.2.1', false])
        report.item('login', { stored: true }, 'Stored.')
      },
    })
    expect([code, stdout, context?.username]).toEqual([0, '{"type":"login","stored":true}\n', 'app'])
    expect(context?.command).toBe('login')
  })

  it('that throws is explained', async () => {
    const refused = await ran(['login', '--client-id', 'app'], {
      program: () => Promise.reject(new AuthenticationError('The code was used before.')),
    })
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('The code was used before.')])
    expect((await ran(['login'])).code).toBe(64)
  })

  it('asks on a terminal for lines that may be seen, and on a pipe for its lines', async () => {
    const answers: string[] = []
    const program = async ({ ask }: CommandTools) => {
      answers.push(await ask('Code: '), await ask('Other: '))
    }
    const keys = keyboard()
    const typing = await run(['login', '--client-id', 'app'], { stdin: keys, columns: 80, program })
    keys.write(' first \nsec')
    keys.write('ond\r\n')
    expect((await typing.done()).code).toBe(0)
    const pipe = new PassThrough()
    pipe.end('third\nfourth')
    expect((await ran(['login', '--client-id', 'app'], { stdin: pipe, program })).code).toBe(0)
    const ended = await ran(['login', '--client-id', 'app'], { program })
    expect([ended.code, ended.stderr]).toEqual([64, expect.stringContaining('Nothing was typed.')])
    expect([answers, keys.raw]).toEqual([['first', 'second', 'third', 'fourth'], []])
    expect(ended.stderr).toMatch(/^Code: \nERROR/)
  })

  it('ends with 130 on Ctrl-C at a question, and a question can be taken back', async () => {
    const keys = keyboard()
    const asking = await run(['login', '--client-id', 'app'], {
      stdin: keys,
      program: async ({ ask }) => {
        const taken = new AbortController()
        const answer = ask('Code: ', taken.signal)
        taken.abort(new Error('the browser was faster'))
        await expect(answer).rejects.toThrow('the browser was faster')
        const waiting = ask('Again: ')
        asking.signals.emit('SIGINT')
        await waiting
      },
    })
    const { code, stderr } = await asking.done()
    expect([code, keys.listenerCount('data')]).toEqual([130, 0])
    expect(stderr).not.toContain('ERROR')
  })
})

it('cameras shows the cameras that are asked for', async () => {
  const some = await ran(['cameras', '--client-id', 'app', '--cameras', 'ya*'])
  expect(some.stdout).toMatch(/c2 {2}Yard\n1 camera\.\n$/)
  expect(some.stdout).not.toContain('Gate')
  expect((await ran(['cameras', '--client-id', 'app'])).stdout).toMatch(/2 cameras\.\n$/)
  const none = await ran(['cameras', '--client-id', 'app', '--cameras', 'roof'])
  expect([none.code, none.stderr]).toEqual([64, expect.stringMatching(/no camera fits "roof"/)])
})
