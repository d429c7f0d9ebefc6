import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findCredentials } from '../src/credentials.ts'
import { credentialsFor } from '../src/flags/credential-flags.ts'
import { parse } from '../src/parse.ts'
import { askSecret, firstLine, PromptInterrupted } from '../src/prompt.ts'
import { definition, keyboard, recorder } from './streams.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cam-credentials-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function secretFile(name: string, text: string, mode = 0o600) {
  const path = join(folder, name)
  await writeFile(path, text)
  await chmod(path, mode)
  return path
}

const never = new AbortController().signal

function find(argv: string[], env: Record<string, string> = {}, input = '') {
  const stdin = new PassThrough()
  stdin.end(input)
  return findCredentials(
    credentialsFor(definition, parse(definition, argv).flags),
    parse(definition, argv).flags,
    { env, stdin, stderr: recorder() },
    never,
  )
}

describe('name and password', () => {
  it('come from flags, and a password in argv is warned about', async () => {
    const { username, password, warnings } = await find(['--user', 'root', '--pass', 'sesame'])
    expect([username, password]).toEqual(['root', 'sesame'])
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(/--pass shows the password.*CAM_PRETEND_PASSWORD/)
    expect(warnings[0]).not.toContain('sesame')
  })

  it('come from the environment', async () => {
    const env = { CAM_PRETEND_USER: 'root', CAM_PRETEND_PASSWORD: 'sesame' }
    expect(await find([], env)).toEqual({ username: 'root', password: 'sesame', secrets: {}, warnings: [] })
  })

  it('come from the first line of a file, or of standard input', async () => {
    const path = await secretFile('password', ' sesame \r\nrest\n')
    expect((await find(['--user', 'root', '--password-file', path])).password).toBe(' sesame ')
    expect((await find(['--user', 'root', '--password-stdin'], {}, 'sésame\n')).password).toBe('sésame')
  })

  it('come from a settings file with the seed’s names, which the process environment is never asked for', async () => {
    const path = await secretFile('settings', 'USERNAME=operator\nCAM_PRETEND_PASSWORD="open sesame"\n')
    expect(await find(['--env-file', path])).toMatchObject({ username: 'operator', password: 'open sesame' })
    await expect(find([], { USERNAME: 'somebody', CAM_PRETEND_PASSWORD: 'x' })).rejects.toThrow(/No account/)
  })

  it('warn where a settings file cuts a password at its #', async () => {
    const cut = await secretFile('cut', 'CAM_PRETEND_USER=root # the account\nCAM_PRETEND_PASSWORD=open#sesame\n')
    const { password, warnings } = await find(['--env-file', cut])
    expect([password, warnings]).toEqual(['open', [expect.stringMatching(/CAM_PRETEND_PASSWORD.*quotes/)]])
    expect(warnings[0]).not.toMatch(/open|sesame/)
    const whole = await secretFile('whole', 'CAM_PRETEND_USER=root\nCAM_PRETEND_PASSWORD="open#sesame"\n')
    expect(await find(['--env-file', whole])).toMatchObject({ password: 'open#sesame', warnings: [] })
  })

  it('warn about a file that others can read', async () => {
    const path = await secretFile('password', 'sesame', 0o644)
    expect((await find(['--user', 'root', '--password-file', path])).warnings[0]).toMatch(/chmod 600/)
  })

  it.each([
    [['--user', 'root'], /No password for "root": set CAM_PRETEND_PASSWORD/],
    [['--pass', 'sesame'], /No account: add --user NAME, or set CAM_PRETEND_USER/],
    [['--user', 'root', '--password-file', 'missing.txt'], /--password-file: "missing.txt" cannot be read \(ENOENT\)/],
    [['--user', 'root', '--password-stdin'], /--password-stdin gave an empty password/],
    [['--user', 'root', '--pass', 'sesame', '--password-stdin'], /--pass and --password-stdin both give a password/],
  ])('%j is refused', async (argv, message) => {
    const error = await find(argv).catch((error: Error) => error)
    expect(error).toBeInstanceOf(Error)
    expect((error as Error).message).toMatch(message)
    expect((error as Error).message).not.toContain('sesame')
  })
})

describe('the prompt', () => {
  it('reads without showing, and puts the terminal back', async () => {
    const input = keyboard()
    const output = recorder(80)
    const answer = askSecret('Password of root: ', input, output, never)
    for (const key of ['x', '\u0015', 'sesamx', '\u007f', 'e', '\r']) input.write(key)
    expect(await answer).toBe('sesame')
    expect(output.text()).toBe('Password of root: \n')
    expect(input.raw).toEqual([true, false])
    expect(input.isPaused()).toBe(true)
  })

  it('and a pipe that says nothing both end when the run is asked to', async () => {
    const asked = new AbortController()
    const input = keyboard()
    const answer = askSecret('? ', input, recorder(80), asked.signal)
    const silent = new PassThrough()
    const line = firstLine(silent, asked.signal)
    asked.abort(new Error('terminated'))
    await expect(answer).rejects.toThrow('terminated')
    await expect(line).rejects.toThrow('terminated')
    expect(input.raw).toEqual([true, false])
    expect(silent.destroyed).toBe(true)
  })

  it('takes no cursor key for a part of the password, and no empty line for a password', async () => {
    const input = keyboard()
    const answer = askSecret('? ', input, recorder(80), never)
    for (const keys of ['\u001b[A', '\u001bOB', 'ses\u001b[1;5Came', '\u001b[3~', '\r']) input.write(keys)
    expect(await answer).toBe('sesame')
    const empty = keyboard()
    const nothing = askSecret('? ', empty, recorder(80), never)
    empty.write('\r')
    await expect(nothing).rejects.toThrow(/No password was typed/)
  })

  it('ends on Ctrl-C and on Ctrl-D', async () => {
    for (const [key, kind] of [
      ['\u0003', PromptInterrupted],
      ['\u0004', Error],
    ] as const) {
      const input = keyboard()
      const answer = askSecret('? ', input, recorder(80), never)
      input.write(`abc${key}`)
      await expect(answer).rejects.toBeInstanceOf(kind)
      expect(input.raw).toEqual([true, false])
    }
  })
})
