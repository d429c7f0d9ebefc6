import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mp4, sizedMp4 } from '@cam/simulators/media'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type ApacheDigest,
  account,
  type LighttpdDigest,
  missing,
  startApacheDigest,
  startLighttpdDigest,
} from '../../../tools/real-servers/index.ts'
import { runCli } from './cli.ts'
import { emptyFolder, folderForSuite, leftovers, sums } from './files.ts'
import { runHere } from './in-process.ts'

const day = 86_400_000
const first = Date.UTC(2026, 2, 2, 6)
const films = {
  'Front_Gate_2026_03_02_2000.mp4': mp4({ frames: 20, seed: 'front gate' }).bytes(),
  'Front_Gate_2026_03_03_2000.mp4': sizedMp4(3_000_000, 'second day').bytes(),
  'Hof_&_Tor_2026_03_04_2000.mp4': sizedMp4(200_000, 'a name with an ampersand').bytes(),
}
const truth = Object.fromEntries(
  Object.entries(films).map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')]),
)

/** The files of a camera with Timelapse2 3.1.4, for any web server to serve. */
function cameraFolder(): string {
  const folder = folderForSuite()
  const app = join(folder, 'local', 'timelapse2')
  mkdirSync(join(app, 'files'), { recursive: true })
  const setup = { friendlyName: 'Timelapse', appName: 'timelapse2', vendor: 'test', version: '3.1.4' }
  const device = { serial: 'ACCC8E000001', model: 'P3408-VE' }
  writeFileSync(join(app, 'app'), JSON.stringify({ manifest: { acapPackageConf: { setup } }, device, status: {} }))
  const list = Object.entries(films).map(([filename, bytes], index) => ({
    ...{ id: 'KQWMZTRB', filename, size: bytes.byteLength, container: 'mp4', codec: 'h264' },
    ...{ first: first + index * day, last: first + index * day + day / 2 },
  }))
  writeFileSync(join(app, 'archive'), JSON.stringify(list))
  for (const [name, bytes] of Object.entries(films)) writeFileSync(join(app, 'files', name), bytes)
  return folder
}

async function archive(url: string): Promise<void> {
  const dest = folderForSuite()
  const env = { CAM_AXIS_USER: account.username, CAM_AXIS_PASSWORD: account.password }
  const line = ['--host', url, '--outdir', dest, '--max-retries', '0']
  const ended = await runCli(line, { env })
  expect(ended.stderr).toBe('')
  expect(ended.code).toBe(0)
  expect(sums(dest)).toEqual(truth)
  expect(leftovers(dest)).toEqual([])
  const again = await runHere(line, { env })
  expect(again.stderr).toBe('')
  expect(again.stdout).toContain('Done. downloaded=0 skipped=3 failed=0')
}

const apacheMissing = missing('apache2')
const lighttpdMissing = missing('lighttpd')
for (const reason of [apacheMissing, lighttpdMissing]) if (reason) console.log(reason)

describe.skipIf(apacheMissing)("Debian's Apache serves the archives", () => {
  let server: ApacheDigest
  beforeAll(async () => {
    server = await startApacheDigest(cameraFolder())
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  it.concurrent.each(['plain', 'shortLived', 'oneTime', 'countChecked'] as const)('with digest, %s nonces', (host) =>
    archive(server[host]),
  )

  it('and a wrong password costs one authenticated request', async () => {
    const before = (await server.accessLog()).length
    const env = { CAM_AXIS_USER: account.username, CAM_AXIS_PASSWORD: 'wrong' }
    const ended = await runCli(['--host', server.plain, '--outdir', emptyFolder()], { env })
    expect(ended.code).toBe(2)
    expect(ended.stderr).toContain('administrator')
    // One request without credentials, one with.
    expect((await server.accessLog()).slice(before).map((line) => line.split(' ')[3])).toEqual(['401', '401'])
  })
})

describe.skipIf(lighttpdMissing)("Debian's lighttpd serves the archives", () => {
  let server: LighttpdDigest
  beforeAll(async () => {
    server = await startLighttpdDigest(cameraFolder())
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  it.concurrent.each(['both', 'sha256Only'] as const)('with digest, %s', (host) => archive(server[host]))
})
