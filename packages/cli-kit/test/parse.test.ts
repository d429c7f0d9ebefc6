import { describe, expect, it } from 'vitest'
import { commandsOf } from '../src/command-table.ts'
import { helpText, parse } from '../src/parse.ts'
import { definition } from './streams.ts'

describe('a command line', () => {
  it('without a command is a download', () => {
    const { command, flags, wants } = parse(definition, ['--host', 'camera.example', '--user', 'root'])
    expect([command.name, wants]).toEqual(['download', 'run'])
    expect(flags.text('host')).toBe('camera.example')
    expect([flags.given('host'), flags.given('rate-limit')]).toEqual([true, false])
    expect([flags.number('rate-limit'), flags.number('max-retries'), flags.text('dest')]).toEqual([90, 3, '.'])
  })

  it('takes flags before and after the command, and values that begin with a dash', () => {
    const { command, flags } = parse(definition, ['--start', '-24h', 'coverage', '--pass', '-p4ss', '--no-progress'])
    expect(command.name).toBe('coverage')
    expect([flags.text('start'), flags.text('pass')]).toEqual(['-24h', '-p4ss'])
    expect([flags.on('no-progress'), parse(definition, []).flags.on('no-progress')]).toEqual([true, false])
  })

  it("understands the seed's names", () => {
    expect(parse(definition, ['--outdir', 'videos', '--password', 'x1']).flags.text('dest')).toBe('videos')
    expect(parse(definition, ['--password', 'x1']).flags.text('pass')).toBe('x1')
  })

  it('collects lists from commas and repetition', () => {
    expect(parse(definition, ['--cameras', 'a, b*', '--cameras=c']).flags.list('cameras')).toEqual(['a', 'b*', 'c'])
    expect(parse(definition, []).flags.list('cameras')).toEqual([])
  })

  it.each([
    [['--rate-limit', 'fast'], /--rate-limit: "fast"/],
    [['--rate-limit', '-1'], /--rate-limit: "-1"/],
    [['--rate-limit', '0x10'], /--rate-limit: "0x10"/],
    [['--timeout', '0'], /--timeout: "0".*above 0/],
    [['--max-retries', '1.5'], /--max-retries: "1.5"/],
    [['--concurrency', '0'], /--concurrency: "0"/],
    [['--fingerprint', 'AB:CD'], /--fingerprint: "AB:CD"/],
    [['--cameras', 'a,,b'], /--cameras: "a,,b"/],
    [['--dest', ''], /--dest: the value is empty/],
    [['--host'], /--host needs a value \(ADDRESS\)/],
    [['--hots', 'x'], /no flag --hots; perhaps --host/],
    [['covrage'], /"covrage" is no command; there are download/],
  ])('%j is refused with the flag and the value', (argv, message) => {
    expect(() => parse(definition, argv)).toThrow(message)
  })

  it.each([
    [['--pass', 'open', 'sesame']],
    [['--pasword=sesame']],
    [['-psesame']],
    [['--pass', 'open', 'coverage', 'sesame']],
  ])('%j is refused without repeating what may be a password', (argv) => {
    let message = ''
    try {
      parse(definition, argv)
    } catch (error) {
      message = (error as Error).message
    }
    expect(message).not.toBe('')
    expect(message).not.toContain('sesame')
  })
})

describe('help', () => {
  it('shows every flag with its default, every command, and the notes', () => {
    const text = helpText(definition, commandsOf(definition)[0])
    for (const shown of [
      '--host <ADDRESS>',
      '192.0.2.1',
      '--outdir, --dest',
      '--layout',
      '--no-progress',
      '--version',
      'A note at the end.',
    ]) {
      expect(text).toContain(shown)
    }
    for (const { name } of commandsOf(definition)) expect(text).toContain(`\n  ${name} `)
  })

  it('of a command shows its own flags only', () => {
    const { command, wants } = parse(definition, ['verify', '--help'])
    expect([command.name, wants]).toEqual(['verify', 'help'])
    const text = helpText(definition, command)
    expect(text).toContain('--deep')
    expect(text).not.toContain('--rate-limit')
    expect(parse(definition, ['help', 'coverage']).command.name).toBe('coverage')
  })
})
