import { expect, it } from 'vitest'
import { type SamsaraOptions, samsara, views } from '../src/index.ts'
import { readOptions } from '../src/options.ts'

const token = 'samsara_api_Secret00'

it('has defaults for everything but the token', () => {
  expect(readOptions({ token })).toMatchObject({
    ...{ base: 'https://api.samsara.com', views: ['road', 'driver'], media: 'highres', pieceMinutes: 1 },
    ...{ settleMs: 300_000, reuseUploaded: true, askAgain: false, maxQuotaSeconds: Number.POSITIVE_INFINITY },
  })
  expect(readOptions({ token, region: 'ca' }).base).toBe('https://api.ca.samsara.com')
  expect(readOptions({ token, baseUrl: 'http://127.0.0.1:8080/' }).base).toBe('http://127.0.0.1:8080')
  expect(readOptions({ token, views: ['rearHigh', 'analog1', 'road'] }).views).toEqual(['road', 'analog1', 'rearHigh'])
  expect(readOptions({ token, media: 'hyperlapse', pieceMinutes: 40 }).pieceMinutes).toBe(40)
})

const wrong: readonly (readonly [unknown, RegExp])[] = [
  [undefined, /takes an object of options; received undefined/],
  [{}, /option token must be a string; received undefined/],
  [{ token: '' }, /option token must not be empty/],
  [{ token: `${token}\n` }, /option token must be printable ASCII without spaces; received something else/],
  [{ token, region: 'mars' }, /option region must be one of us, eu, ca; received "mars"/],
  [{ token, region: 'us', baseUrl: 'https://x' }, /exclude each other/],
  [
    { token, baseUrl: 'https://user:secret@host/' },
    /option baseUrl must be an https.* received "https:\/\/\*\*\*@host\/"/,
  ],
  [{ token, baseUrl: 'https://host/path' }, /option baseUrl must be/],
  [{ token, vehicles: [] }, /option vehicles must name at least one vehicle; received \[\]/],
  [{ token, vehicles: ['Truck', ' '] }, /option vehicles must name at least one vehicle; received " "/],
  [{ token, vehicles: 'Truck' }, /option vehicles must be an array/],
  [{ token, views: ['roof'] }, /option views must be some of road, driver, .*; received "roof"/],
  [{ token, views: [] }, /option views must be some of/],
  [{ token, media: 'gif' }, /option media must be one of highres, lowres, hyperlapse, image; received "gif"/],
  [{ token, pieceMinutes: 2 }, /option pieceMinutes .* from 1 to 1 for highres; received 2/],
  [
    { token, media: 'lowres', pieceMinutes: 7 },
    /option pieceMinutes must be a whole number of minutes that divides a day/,
  ],
  [{ token, settleMs: -1 }, /option settleMs must be 0 or more; received -1/],
  [{ token, maxQuotaSeconds: Number.NaN }, /option maxQuotaSeconds must be 0 or more; received NaN/],
  [{ token, askAgain: 'yes' }, /option askAgain must be a boolean/],
  [{ token, timeouts: { idleMs: 0 } }, /option timeouts.idleMs must be above 0; received 0/],
  [{ token, clock: {} }, /option clock must have the function now/],
]

it.each(wrong)('%j is refused', (options, message) => {
  expect(() => samsara(options as SamsaraOptions)).toThrow(message)
  try {
    samsara(options as SamsaraOptions)
  } catch (error) {
    expect(error instanceof TypeError || error instanceof RangeError).toBe(true)
    expect(String(error)).not.toContain('Secret')
  }
})

it('names every view once', () => {
  expect([...views].sort()).toEqual([...new Set(views)].sort())
})
