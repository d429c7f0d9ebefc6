import { amount, between, choice, flag, optionalAmount, type SwitchValues, text } from '../kit/switches.ts'

const always = Number.POSITIVE_INFINITY
const anything = /^[^\n]*$/
const whom =
  'none, all, or several with a space between: a vehicle as <id>, one camera as <id>/road, a minute as <id>@<start> or <id>/road@<start> in ISO 8601'
const target = (initial: 'none' | 'all', about: string) => text(initial, anything, whom, about)
const scopes = 'vehicles media-read media-write trips org'

/** Everything about the pretend cloud that can be turned. */
export const samsaraSwitches = {
  world: choice('default', ['custom'], 'which vehicles and footage there are; only at the start'),
  truthFile: text('', anything, 'a path, or nothing', 'write the truth about all vehicles there, as JSON'),
  region: choice('us', ['eu', 'ca'], 'where the organisation is; the other two hosts do not know its token'),
  wrongRegion: choice('401', ['403', '404'], 'what a call to the host of another region gets'),
  scopes: text(scopes, /^[a-z -]*$/, `some of ${scopes}`, 'what the token may do'),
  forbidden: choice('403', ['401'], 'what a call gets that the token may not make'),
  only: target('all', 'whose orders, polls and films suffer postFailN, pollFailN, mediaFailN and faults'),

  unrecorded: target('none', 'was not recorded'),
  failed: target('none', 'retrievals of it end as failed'),
  unavailable: target('none', 'retrievals of it end as unavailable'),
  expired: target('none', 'is no longer on the card'),
  offline: target('none', 'its vehicle is offline: retrievals stay pending until it is not'),
  expiredAnswer: choice(
    '400-retention',
    ['400-not-recording', 'unavailable'],
    'what an order gets for footage that is no longer on the card: a 400 of its own, the usual 400, or that status',
  ),
  noCamera: choice(
    'unavailable',
    ['invalid', '400', 'omitted'],
    'what an order gets for an input without a camera, or without such media: a status, a 400, or no item',
  ),
  notRecordingWords: choice('plain', ['wrapped'], 'what stands around `not recording at` in that 400'),
  unknownVehicle: choice('404', ['400'], 'what an order for an unknown vehicle gets'),
  roles: flag(true, 'orders may name cameraRoles, and only then may inputs be missing'),
  lowResMax: amount(600_000, 'ms', 'the longest videoLowRes'),
  hyperlapseMax: amount(2_400_000, 'ms', 'the longest hyperlapse'),

  emptyPolls: amount(0, 'count', 'how often a retrieval says nothing at all (media: [])'),
  pendingPolls: amount(1, 'count', 'how often an item says pending, at least'),
  pollSpread: amount(0, 'count', 'and how often at most beyond that; each item differs, so they come out of order'),
  pendingWord: text('pending', /^\w+$/, 'a word', 'what an item says that is not ready'),
  uploadMs: amount(0, 'ms', 'how long after the order nothing is ready, however often it is asked'),
  itemTimes: choice(
    'delivered',
    ['asked'],
    'whose startTime and endTime an available item has: the film’s or the order’s',
  ),
  retrievalTtl: amount(always, 'ms', 'how long a retrieval id is known'),
  listLag: amount(0, 'count', 'how many lists of uploaded media do not show what is ready'),
  listWithoutUrl: amount(0, 'count', 'and how many then show it without urlInfo'),
  listEdges: choice(
    'overlapping',
    ['starting'],
    'which media a list has: those with, or that begin at, a moment in it',
  ),
  listTypes: choice(
    'documented',
    ['all'],
    'which mediaTypes a list may be asked for; documented: image and videoHighRes',
  ),
  mediaPageSize: between(50, 1, 1000, 'how many uploaded media stand on a page'),
  vehiclePageSize: between(512, 1, 512, 'the most vehicles on a page'),
  endlessPages: flag(false, 'every page says hasNextPage, with one cursor for ever'),
  extraFields: flag(true, 'replies hold fields nobody knows'),

  quotaUsed: amount(120, 'count', 'seconds used this month before the start'),
  quotaTotal: amount(900_000, 'count', 'seconds a month'),
  quotaPerInput: flag(true, 'every input costs; else an order costs its time once'),
  quotaOther: choice('full', ['free'], 'what low-res video and hyperlapse cost'),
  quotaAnswer: choice('429', ['429-long', '400', '403'], 'what an order beyond it gets; long: Retry-After of a day'),
  quotaWords: choice('usual', ['other', 'empty'], 'how quotaStatus is written'),

  rateLimits: flag(true, 'the limits of the next five are kept'),
  postPerMinute: amount(100, 'count', 'orders a minute'),
  pollPerSecond: amount(5, 'count', 'retrieval polls a second'),
  listPerSecond: amount(5, 'count', 'lists of uploaded media a second'),
  vehiclesPerSecond: amount(25, 'count', 'lists of vehicles a second'),
  tokenPerSecond: amount(150, 'count', 'requests of all kinds a second'),
  retryAfter: choice('fraction', ['seconds', 'date', 'none'], 'how Retry-After of a 429 or 503 is written'),

  postFailN: amount(0, 'count', 'the first n orders for each vehicle and start fail'),
  postFailStatus: choice(
    '503',
    ['429', '500', '501', '502', '504', '413', '401', '403', 'reset', 'lost', 'lost-500', 'lost-504', 'lost-garbage'],
    'in this way; lost: accepted and paid, and then the connection breaks, or an error or half a reply comes',
  ),
  postMs: amount(0, 'ms', 'how long the reply to an accepted order takes'),
  pollFailN: amount(0, 'count', 'the first n polls of each retrieval fail'),
  pollMs: amount(0, 'ms', 'how long a poll takes'),
  listFailN: amount(0, 'count', 'the first n lists of uploaded media fail'),
  vehiclesFailN: amount(0, 'count', 'the first n lists of vehicles fail'),
  failStatus: choice(
    '503',
    ['429', '500', '501', '502', '504', '400', '401', '403', '404', '200-html', '200-empty', '200-cut', 'reset'],
    'in this way',
  ),
  failBody: choice('json', ['html'], 'what 5xx of the API say'),

  urlTtl: amount(28_800_000, 'ms', 'how long a signed URL lasts'),
  urlUses: amount(always, 'count', 'for how many requests it is good'),
  urlExpired: choice(
    '403',
    ['403-token', '400-token'],
    'what it gets then; token: the credentials that signed it have expired',
  ),
  urlExpiryStated: flag(true, 'urlInfo has urlExpiryTime'),
  mediaOrigin: text('', anything, 'an origin, or nothing', 'signed URLs point there instead'),
  etag: choice('single', ['multipart', 'none'], 'the form of ETags'),
  replaceAfter: amount(always, 'count', 'after so many bodies a film has other bytes and another ETag'),
  firstByteMs: amount(0, 'ms', 'how long before the head of a film'),
  rate: amount(0, 'bytes', 'bytes a second of a film; 0 is as fast as it goes'),
  contentLength: choice('right', ['none', 'wrong'], 'what films say of their length; wrong: 1000 more than there are'),
  contentType: text('', anything, 'a media type, or nothing', 'films say they are this'),
  ranges: choice('206', ['ignore', '416'], 'what a Range gets: the part, everything, or a refusal'),
  truncateAt: optionalAmount('bytes', 'a film ends after so many bytes'),
  truncate: choice('destroy', ['clean', 'short'], 'how: broken; as if complete; or stated as short from the beginning'),
  stallAt: optionalAmount('bytes', 'a film stops after so many bytes'),
  stallMs: amount(600_000, 'ms', 'for how long'),
  faultTimes: amount(always, 'count', 'how many bodies of each film suffer truncateAt and stallAt'),
  mediaFailN: amount(0, 'count', 'the first n requests for each film fail'),
  mediaFailStatus: choice(
    '503',
    ['403', '403-signature', '404', '400', '416', '429', '500', '200-html', '200-xml', '200-empty', 'reset'],
    'in this way',
  ),
  redirectMedia: text('', anything, 'a URL, or nothing', 'requests for films are answered with a 307 to there'),
} as const

/** The values of all switches. */
export type SamsaraSwitches = SwitchValues<typeof samsaraSwitches>
