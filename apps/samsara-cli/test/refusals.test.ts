import { describe, expect, it } from 'vitest'
import { begin, filesOf, halfPastOne, outcomes, paragraph, place, runHere } from './run.ts'

const oneMinute = ['--duration', '1', '--views', 'road']
const truck12 = ['--vehicle', 'Truck 12', ...halfPastOne, ...oneMinute]
const token = 'samsara_api_WrongTokenOfSomebodyElse00000'

describe('a run that cannot begin pays for nothing', () => {
  it.each([
    ['Truck 99', /no vehicle is "Truck 99"; there are Truck 12 \(281474976710712, VIN \w+.*Trailer 3/],
    [
      'Shuttle',
      /"Shuttle" stands for 2 vehicles: Shuttle \(281474976710741, VIN .* by its id, or by its VIN or serial/,
    ],
  ])('no such vehicle, or several: %s', async (vehicle, message) => {
    const { cloud, dest, env, line } = await place()
    const { code, stderr } = await runHere([...line, '--vehicle', vehicle, ...halfPastOne, ...oneMinute], env)
    expect([code, paragraph(stderr)]).toEqual([64, expect.stringMatching(message)])
    expect([cloud.counters().orders, filesOf(dest)]).toEqual([0, []])
  })

  it('wrong token: sent once, never shown, and what to do', async () => {
    const { cloud, dest, env, line } = await place()
    const { code, stdout, stderr } = await runHere([...line, ...truck12], { ...env, CAM_SAMSARA_TOKEN: token })
    expect([code, paragraph(stderr)]).toEqual([
      2,
      expect.stringMatching(/HTTP 401: Invalid token\. .*The token is not taken.* Settings, API Tokens.*--region eu/),
    ])
    expect(stdout + stderr).not.toContain(token)
    expect([cloud.log.entries.length, filesOf(dest)]).toEqual([1, []])
  })

  it('wrong region: the same, and --region takes it to the right one', async () => {
    const { cloud, dest, env } = await place({ region: 'eu' })
    const line = ['--dest', dest, '--no-merge', '--timeout', '3000', '--timezone', 'America/Chicago', ...truck12]
    const wrong = await runHere(line, env)
    expect([wrong.code, paragraph(wrong.stderr)]).toEqual([
      2,
      expect.stringMatching(/region it belongs to.*--region eu/),
    ])
    expect(cloud.counters().orders).toBe(0)
    expect((await runHere([...line, '--region', 'eu'], env)).code).toBe(0)
    expect(cloud.counters().orders).toBe(1)
  })

  it.each([
    ['vehicles', 'Read Vehicles', 'media-read media-write org', 2],
    ['media-read', 'Read Media Retrieval', 'vehicles media-write org', 2],
    ['media-write', 'Write Media Retrieval', 'vehicles media-read org', 1],
    ['org', 'Read Org Information', 'vehicles media-read media-write', 2],
  ])('missing scope %s: is named', async (_, name, scopes, exit) => {
    const { cloud, env, line } = await place({ scopes })
    const { code, stderr } = await runHere([...line, ...truck12], env)
    expect([code, stderr.replace(/\n\s*/g, ' ')]).toEqual([exit, expect.stringContaining(`the scope "${name}"`)])
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(cloud.counters().orders).toBe(0)
  })

  it.each([
    [
      [],
      /no vehicle \(--vehicle NAME\), no beginning \(--start TIME\), no length \(--duration MINUTES\)\. On a terminal/,
    ],
    [['--vehicle', 'x', '--start', '-1h'], /there is no length \(--duration MINUTES\)/],
    [['--vehicle', 'x', '--start', '13:30', '--duration', '1'], /--start: "13:30" is not a time/],
    [
      ['--vehicle', 'x', '--start', '04/16/2025 13:30 PM', '--duration', '1'],
      /an hour that no clock with AM and PM shows/,
    ],
    [['--vehicle', 'x', '--start', '+1h', '--duration', '1'], /--start: "\+1h" is .*which has not happened yet/],
    [['--vehicle', 'x', '--start', '-1h', '--duration', '0'], /--duration: "0" is not a whole number from 1 on/],
    [['--vehicle', 'x', '--start', '-1h', '--duration', '1', '--end', 'now'], /--duration and --end contradict/],
    [
      ['--vehicle', 'x', '--start', '11/02/2025 01:30', '--duration', '1'],
      /happens twice in America\/Chicago.*-05:00.*-06:00/,
    ],
    [['--vehicle', 'x', '--start', '03/09/2025 02:30', '--duration', '1'], /does not exist in America\/Chicago/],
    [['--vehicle', 'x', '--cameras', 'y', '--start', '-1h', '--duration', '1'], /--vehicle and --cameras contradict/],
    [
      ['--vehicle', 'x', '--start', '-1h', '--duration', '1', '--every', '1h', '--ask-again'],
      /pay for, the same footage/,
    ],
    [['--vehicle', 'x', '--start', '-1h', '--duration', '1', '--views', 'roof'], /--views: "roof" is none of road, /],
    [
      ['--vehicle', 'x', '--start', '-1h', '--duration', '1', '--media', '4k'],
      /--media: "4k" is none of highres, lowres/,
    ],
    [['--region', 'mars'], /--region: "mars" is none of us, eu, ca/],
    [['--base-url', 'https://me:sesame@api.example.com'], /--base-url: "https:\/\/\*\*\*@api\.example\.com"/],
    [['quota', '--api-token', 'sesame'], /--api-token means nothing to quota/],
  ])('a mistake on the command line: %j', async (args, message) => {
    const { code, stdout, stderr } = await runHere(args, { CAM_SAMSARA_TOKEN: 'a-token' })
    expect([code, paragraph(stderr)]).toEqual([64, expect.stringMatching(message)])
    expect(stdout + stderr).not.toContain('sesame')
  })

  it('no token, and nobody to ask', async () => {
    const { code, stderr } = await runHere(truck12)
    expect([code, paragraph(stderr)]).toEqual([
      64,
      expect.stringMatching(/No API token: set CAM_SAMSARA_TOKEN .*--password-stdin \(or --api-token/),
    ])
  })
})

describe('footage that is not to be had', () => {
  it('past retention: expired and named, exit 0; what somebody retrieved in time is taken', async () => {
    const { cloud, dest, env, line } = await place()
    const asked = ['--vehicle', 'Old 51', ...halfPastOne, '--duration', '12', '--views', 'road']
    const { code, stdout, json } = await runHere([...line, ...asked, '--json', '--no-progress'], env)
    expect([code, json().at(-1)]).toMatchObject([0, { planned: 12, kept: 3, expired: 9 }])
    expect(stdout).toMatch(/"outcome":"expired"/)
    expect((await outcomes(dest)).filter((row) => row.endsWith('kept'))).toEqual([
      ...['road 18:32 kept', 'road 18:40 kept', 'road 18:41 kept'],
    ])
    expect(cloud.counters()).toMatchObject({ orders: 2, avoidable: 0 })
  })

  it('unavailable and invalid are absent, what never comes is pending past its time, and nothing is polled for ever', async () => {
    const { cloud, dest, env, line } = await place()
    const asked = ['--vehicle', 'Truck 14', ...halfPastOne, '--duration', '6', '--views', 'road', '--wait', '20m']
    const { code, json } = await runHere([...line, ...asked, '--json', '--no-progress'], env)
    expect([code, json().at(-1)]).toMatchObject([1, { planned: 6, kept: 3, absent: 2, pending: 1 }])
    expect(await outcomes(dest)).toEqual([
      ...['road 18:30 absent', 'road 18:31 absent', 'road 18:32 pending'],
      ...['road 18:33 kept', 'road 18:34 kept', 'road 18:35 kept'],
    ])
    expect(cloud.counters()).toMatchObject({ orders: 6, pollsAfterEnd: 0 })
  })

  it('two vehicles of one name have files of their own', async () => {
    const { cloud, dest, env, line } = await place()
    const both = ['--vehicle', '281474976710741', '--vehicle', '281474976710742', ...halfPastOne, ...oneMinute]
    const { code } = await runHere([...line, ...both, '--layout', 'seed'], env)
    expect([code, cloud.counters().orders]).toEqual([0, 2])
    expect(filesOf(dest).filter((path) => path.startsWith('Videos'))).toHaveLength(2)
  })
})

it('--end takes every minute that is touched', async () => {
  const { cloud, env, line } = await place()
  const asked = ['--start', new Date(begin).toISOString(), '--end', new Date(begin + 90_000).toISOString()]
  const { json } = await runHere([...line, '--vehicle', 'Truck 12', ...asked, '--views', 'road', '--json'], env)
  expect([json().at(-1), cloud.counters().orders]).toMatchObject([{ planned: 2, kept: 2 }, 2])
})
