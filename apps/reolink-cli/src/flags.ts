import { count, duration, type Flag, nonEmpty, oneOf, UsageError } from '@cam/cli-kit'
import { parseTimetable } from '@cam/download-core'
import { between, daylight } from './due.ts'
import { hostOf } from './hosts.ts'

const [device, what, when, pictures] = ['Device', 'What to fetch', 'When', 'Pictures']

/** How a device is reached. */
export const connection: readonly Flag[] = [
  {
    name: 'host',
    value: 'ADDRESS',
    repeated: true,
    read: (text) => {
      hostOf(text)
      return text.trim()
    },
    group: device,
    help:
      'host, host:port, [IPv6 address] or http(s)://… of a camera, recorder or hub; NAME=ADDRESS names its files; ' +
      'capture takes several',
  },
  {
    name: 'login',
    value: 'KIND',
    byDefault: 'auto',
    read: oneOf('auto', 'token', 'short', 'encrypted'),
    group: device,
    help: 'token: one login, ended afterwards; short: name and password with each request; encrypted: as the newest hubs want it; auto: what the device asks for',
  },
  {
    name: 'device-timezone',
    value: 'ZONE',
    read: nonEmpty,
    group: device,
    help: "IANA zone of the device's clock, where its own idea of summer time is wrong",
  },
  {
    name: 'legacy-tls',
    group: device,
    help: 'speak TLS as firmware of before 2018 does: old versions, short keys',
  },
]

/** What is fetched from it. */
export const download: readonly Flag[] = [
  {
    name: 'stream',
    value: 'main|sub',
    byDefault: 'main',
    read: oneOf('main', 'sub'),
    group: what,
    help: 'main: full size; sub: the small one',
  },
  {
    name: 'triggers',
    value: 'LIST',
    list: true,
    group: what,
    help: 'only recordings that one of these started, where their names tell: person, vehicle, animal, face, motion, schedule, doorbell, package, pir, other',
  },
]

/** When pictures are taken, and which. */
export const captureFlags: readonly Flag[] = [
  {
    name: 'interval',
    value: 'TIME',
    read: (text) => {
      try {
        parseTimetable(text)
      } catch (error) {
        throw new UsageError(`--interval: ${error instanceof Error ? error.message : error}`)
      }
      return text
    },
    group: when,
    help: 'a picture every 10s, 5m, 1h …, minutely or hourly, on the full second, minute or hour of the clock; default: hourly',
  },
  {
    name: 'between',
    value: 'HH:MM-HH:MM',
    read: (text) => {
      between(text, 'UTC')
      return text
    },
    group: when,
    help: 'only in this part of the day, by the clock of --timezone',
  },
  {
    name: 'daylight',
    value: 'LAT,LON',
    read: (text) => {
      daylight(text)
      return text
    },
    group: when,
    help: 'only from sunrise to sunset at this place, in degrees, such as 48.14,11.58',
  },
  {
    name: 'for',
    value: 'DURATION',
    read: duration(1000, 3660 * 86_400_000),
    group: when,
    help: 'end after so long; default: until it is stopped',
  },
  {
    name: 'allow-identical',
    group: pictures,
    help: 'keep pictures that are the same, byte for byte, as those before; default: the fourth of them is a frozen camera, and failed',
  },
  {
    name: 'picture-size',
    value: 'WxH',
    read: (text) => {
      if (/^[1-9]\d{1,4}x[1-9]\d{1,4}$/.test(text)) return text
      throw new UsageError(`--picture-size: "${text}" is no size; write it like 2560x1920.`)
    },
    group: pictures,
    help: 'ask for this size; devices keep to sizes of their own',
  },
  {
    name: 'daily-film',
    value: 'FPS',
    read: count(1),
    group: pictures,
    help: "after each day, a film of its pictures, so many a second, beside the pictures' folders; needs ffmpeg",
  },
]

/** Of `capture`, for its films. */
export const ffmpegFlag: Flag = {
  name: 'ffmpeg',
  value: 'PATH',
  read: nonEmpty,
  group: pictures,
  help: 'this ffmpeg, for --daily-film; default: FFMPEG_PATH, then PATH, then the package ffmpeg-static',
}

/** Of `sessions`. */
export const kick: Flag = { name: 'kick', value: 'ID', read: nonEmpty, group: device, help: 'end this session' }
