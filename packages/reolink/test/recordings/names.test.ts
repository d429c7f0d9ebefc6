import { describe, expect, it } from 'vitest'
import { readName, withoutDisk } from '../../src/client/recordings/name.ts'
import { readTriggers } from '../../src/client/recordings/triggers.ts'

const wall = (text: string) => Date.parse(`${text}Z`)

describe('the flags of a name', () => {
  it.each([
    ['6D28C08', 1, ['person', 'motion']],
    ['6D28808', 1, ['motion']],
    ['6D28C18', 2, ['person', 'schedule', 'motion']],
    ['6D28900', 2, ['vehicle']],
    ['2B14808', 2, ['motion']],
    ['8B28818', 3, ['schedule', 'motion']],
    ['6D28C08000', 7, ['person', 'motion']],
    ['A714C0A000', 7, ['person', 'motion', 'doorbell']],
    ['55289080000000', 9, ['vehicle', 'motion']],
    // A version of later years.
    ['6D28C08000', 0xff, ['person', 'motion']],
  ])('%s of a camera’s version %i are %j', (flags, version, triggers) => {
    expect(readTriggers(flags, version, false)).toEqual(triggers)
  })

  it('of a hub lie elsewhere from its second version on', () => {
    // 17 person, 25 motion, 37 package.
    const flags = ((1n << 22n) | (1n << 14n) | (1n << 2n)).toString(16).padStart(10, '0').toUpperCase()
    expect(readTriggers(flags, 2, true)).toEqual(['person', 'motion', 'package'])
    expect(readTriggers(flags, 1, true)).toEqual(['person', 'pir', 'package'])
    expect(readTriggers(flags, 0, true)).toEqual(['person', 'pir'])
  })

  it('are none where there are no hexadecimal digits, or too few', () => {
    for (const flags of ['', 'M', '411', '6D28C0', '6D28C0G', '6D28C08 ', '0'.repeat(17)]) {
      expect(readTriggers(flags, 1, false)).toBeUndefined()
    }
  })
})

describe('a camera’s name', () => {
  it('tells stream, times, triggers and the exact size', () => {
    expect(readName('Mp4Record/2020-12-21/RecM01_20201221_121551_121553_6D28808_2240A8.mp4')).toEqual({
      stream: 'main',
      start: wall('2020-12-21T12:15:51'),
      end: wall('2020-12-21T12:15:53'),
      summer: false,
      bytes: 2_244_776,
      triggers: ['motion'],
      stem: 'Mp4Record/2020-12-21/RecM01_20201221_121551',
    })
  })

  it.each([
    ['RecS02_DST20230426_145918_150032_2B14808_32F1DF.mp4', { stream: 'sub', summer: true, bytes: 0x32f1df }],
    ['RecM02_20230515_071811_071835_6D28900_13CE8C7.mp4', { stream: 'main', summer: false, triggers: ['vehicle'] }],
    ['RecM07_20260220_092535_092740_0_6D28C08000_3FECD51.mp4', { bytes: 0x3fecd51, triggers: ['person', 'motion'] }],
    ['RecS07_20250219_111146_111238_0_A714C0A000_21E67C.mp4', { triggers: ['person', 'motion', 'doorbell'] }],
    ['RecS09_DST20240907_084519_084612_0_55289080000000_307BC0.mp4', { bytes: 0x307bc0, summer: true }],
  ])('%s', (name, facts) => {
    expect(readName(name)).toMatchObject(facts)
  })

  it('whose end is before its start goes over midnight', () => {
    const facts = readName('Mp4Record/2024-02-28/RecM02_20240228_235930_000010_6D28C08_A0.mp4')
    expect(facts?.start).toBe(wall('2024-02-28T23:59:30'))
    expect(facts?.end).toBe(wall('2024-02-29T00:00:10'))
  })

  it('has neither end nor size until the file is closed, and the same stem', () => {
    const open = readName('Mp4Record/2024-02-28/RecM02_20240228_101500_000000_6D28C08_0.mp4')
    const closed = readName('Mp4Record/2024-02-28/RecM02_20240228_101500_101530_6D28C18_A0.mp4')
    expect(open).toMatchObject({ start: wall('2024-02-28T10:15:00') })
    expect(open).not.toHaveProperty('end')
    expect(open).not.toHaveProperty('bytes')
    expect(open?.stem).toBe(closed?.stem)
  })
})

describe('a hub’s name', () => {
  const folder = '/mnt/sda/95270000ABCDEFGH-Front Door/Mp4Record/2024-08-27/'

  it('is known by its two more fields, and its stem is without disk and camera name', () => {
    expect(readName(`${folder}RecM02_DST20240827_090302_090334_0_800_800_033C820000_61B6F0.mp4`)).toEqual({
      stream: 'main',
      start: wall('2024-08-27T09:03:02'),
      end: wall('2024-08-27T09:03:34'),
      summer: true,
      bytes: 0x61b6f0,
      triggers: ['other'],
      stem: 'Mp4Record/2024-08-27/RecM02_DST20240827_090302',
    })
  })

  it('without its disk begins with the vendor’s own folder', () => {
    expect(withoutDisk(`${folder}a.mp4`)).toBe('Mp4Record/2024-08-27/a.mp4')
    expect(withoutDisk('/mnt/sdb/other/a.mp4')).toBe('other/a.mp4')
    expect(withoutDisk('Mp4Record/2024-08-27/a.mp4')).toBe('Mp4Record/2024-08-27/a.mp4')
    expect(withoutDisk('0-1-0-01260711025823-00000')).toBe('0-1-0-01260711025823-00000')
  })
})

describe('what is no such name', () => {
  it.each([
    '',
    '0-1-0-01260711025823-00000',
    'Rec_20220111_011940_411_M.mp4',
    'RecM01_20201221_121551_121553_6D28808_2240A8.avi',
    'RecX01_20201221_121551_121553_6D28808_2240A8.mp4',
    'RecM01_20201321_121551_121553_6D28808_2240A8.mp4',
    'RecM01_20201221_246199_121553_6D28808_2240A8.mp4',
    'RecM01_20201221_121551_121553_6D28808.mp4',
    'RecM01_20201221_121551_121553_1_2_3_4_5_6_6D28808_2240A8.mp4',
    `${'x/'.repeat(1000)}RecM01_20201221_121551_121553_6D28808_2240A8.mp4`,
  ])('%s', (name) => {
    expect(readName(name)).toBeUndefined()
  })

  it('has no size where the last field is no number', () => {
    expect(readName('RecM01_20201221_121551_121553_6D28808_XYZ.mp4')).not.toHaveProperty('bytes')
  })
})
