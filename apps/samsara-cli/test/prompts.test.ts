import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { keyboard } from '../../../packages/cli-kit/test/streams.ts'
import { filesOf, ordered, place, runHere } from './run.ts'

// util-linux's, which gives a program a terminal of its own.
const hasScript = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0
if (!hasScript) console.log('skipped: a terminal of the system (script is not installed)')
const token = 'samsara_api_PretendTokenOfTheExample000000'

/** Somebody who answers each question when it stands there. */
async function answering(args: readonly string[], env: Record<string, string>, answers: readonly string[]) {
  const stdin = keyboard()
  for (const answer of answers) stdin.write(`${answer}\r`)
  const ended = await runHere(args, env, { stdin, terminal: true })
  return { ...ended, hidden: stdin.raw }
}

describe('on a terminal', () => {
  it('asks for what the seed asks for, the token unseen, and does the whole job under the names of the seed', async () => {
    const { cloud, dest, env } = await place()
    const { CAM_SAMSARA_TOKEN: _, ...without } = env
    const line = ['--layout', 'seed', '--dest', dest, '--no-merge', '--no-progress', '--timeout', '3000']
    const answers = [token, ' truck 12 ', '04/16/2025 13:30', '2']
    const { code, stdout, stderr, hidden } = await answering(line, without, answers)
    expect(stderr).toBe(
      'API token: \nVehicle name: Start (MM/DD/YYYY HH:MM, 24 hours, America/Chicago): Duration in minutes: ',
    )
    expect([code, hidden]).toEqual([0, [true, false]])
    expect(stdout).toMatch(/6 of 6 clips are ordered and not uploaded yet\. The vehicle has to be on/)
    expect(stdout).toMatch(/Done\. downloaded=6 skipped=0 failed=0/)
    expect(stdout + stderr).not.toContain(token)
    expect(ordered(cloud)).toEqual(['18:30 road+driver+analog1', '18:31 road+driver+analog1'])

    const clips = ['Road', 'Driver', 'Analog'].flatMap((word) =>
      ['30', '31'].map((minute) => `Videos/${word}_VideoClip_Truck 12_2025-04-16T13_${minute}_00-05_00.mp4`),
    )
    expect(filesOf(dest).filter((path) => path.startsWith('Videos'))).toEqual(clips.sort())
    const logs = readdirSync(join(dest, 'Logs')).sort()
    const stamp = String.raw`\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d`
    expect(logs).toEqual([
      expect.stringMatching(new RegExp(`^VideoRetrievalActivity_${stamp}\\.log$`)),
      expect.stringMatching(new RegExp(`^VideoRetrievalActivity_${stamp}\\.ndjson$`)),
      'failed.csv',
      expect.stringMatching(new RegExp(`^request_ids_${stamp}\\.json$`)),
    ])
    const text = (name: string) => readFileSync(join(dest, 'Logs', name), 'utf8')
    expect(text(logs[0]!)).toMatch(/Z SAVE {2}.*Road_VideoClip_Truck 12_/)
    expect(text(logs[0]!) + text(logs[1]!)).not.toContain(token)
    expect(JSON.parse(text(logs[3]!))).toEqual([
      ['2025-04-16T13:30:00-05:00', cloud.orders[0]!.retrievalId],
      ['2025-04-16T13:31:00-05:00', cloud.orders[1]!.retrievalId],
    ])
  })

  it('asks again where an answer makes no sense, and asks nothing that the flags say', async () => {
    const { cloud, dest, env, line } = await place()
    const answers = ['13:30 on Wednesday', '02/30/2025 13:30', '04/16/2025 01:30 pm', 'half an hour', '0', '1']
    const { code, stderr } = await answering([...line, '--vehicle', 'Truck 12'], env, answers)
    expect([code, stderr]).toEqual([0, expect.not.stringMatching(/API token|Vehicle name/)])
    expect(stderr.match(/^.*WARN.*$/gm)).toEqual([
      expect.stringMatching(/"13:30 on Wednesday" is not a time/),
      expect.stringMatching(/a day .* that does not exist/),
      expect.stringMatching(/"half an hour" is not a whole number of minutes/),
      expect.stringMatching(/"0" is not a whole number of minutes/),
    ])
    expect([ordered(cloud), filesOf(dest).length]).toEqual([['18:30 road+driver+analog1'], 3])
  })

  it('gives up after five answers that make no sense, and orders nothing', async () => {
    const { cloud, env, line } = await place()
    const { code, stderr } = await answering([...line, '--vehicle', 'Truck 12'], env, Array(9).fill('tomorrow'))
    expect([code, stderr.match(/Start \(/g)?.length]).toEqual([64, 5])
    expect(cloud.log.entries).toEqual([])
  })

  it.skipIf(!hasScript)('of the system: the token is not echoed, and Ctrl-C at a question ends with 130', async () => {
    const { cloud, dest, env } = await place()
    const { CAM_SAMSARA_TOKEN: _, ...without } = env
    const program = [process.execPath, join(inject('bundledClis'), 'samsara-cli.mjs'), '--dest', dest]
    const command = program.map((word) => `'${word}'`).join(' ')
    const terminal = spawn('script', ['-qec', command, '/dev/null'], {
      env: { PATH: process.env.PATH ?? '', ...without },
    })
    let seen = ''
    const said = (text: string) =>
      new Promise<void>((resolve, reject) => {
        const look = () => seen.includes(text) && resolve()
        terminal.stdout.on('data', look)
        terminal.once('close', () => reject(new Error(`It ended before it asked "${text}":\n${seen}`)))
        look()
      })
    terminal.stdout.on('data', (text) => {
      seen += text
    })
    await said('API token: ')
    terminal.stdin.write(`${token}\r`)
    await said('Vehicle name: ')
    terminal.stdin.write('Truck 12\r')
    await said('Start (')
    const closed = once(terminal, 'close')
    terminal.stdin.write('\u0003')
    expect((await closed)[0]).toBe(130)
    expect(seen).toMatch(/Vehicle name: Truck 12/)
    expect(seen).not.toContain(token)
    expect([cloud.log.entries, filesOf(dest)]).toEqual([[], []])
  })
})
