import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { axisSwitches, startAxisTimelapse2 } from '../src/axis-timelapse2/index.ts'
import { bytesFile } from '../src/media.ts'
import { ask } from './raw-client.ts'

const listOf = async (url: string) => JSON.parse((await ask(url, '/local/timelapse2/archive')).body.toString())

describe('worlds', () => {
  it('default: two profiles over six days, up to 20 MB', async () => {
    await using camera = await startAxisTimelapse2({ switches: { auth: 'none' } })
    const list = await listOf(camera.url)
    expect(list).toHaveLength(12)
    expect(new Set(list.map(({ id }: { id: string }) => id)).size).toBe(2)
    const sizes = camera.truth().map(({ size }) => size)
    expect(sizes.reduce((sum, size) => sum + size)).toBeGreaterThan(10_000_000)
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(20_000_000)
    expect(Math.min(...sizes)).toBe(300_000)
  })

  it('are the same every time', async () => {
    for (const version of ['1.1.3', '3.1.4']) {
      await using one = await startAxisTimelapse2({ switches: { version } })
      await using other = await startAxisTimelapse2({ switches: { version } })
      expect(one.truth()).toEqual(other.truth())
      expect(new Set(one.truth().map(({ sha256 }) => sha256)).size).toBe(12)
    }
  })

  it('nasty: what a list has been seen to hold', async () => {
    await using camera = await startAxisTimelapse2({ switches: { world: 'nasty', auth: 'none' } })
    const list: Record<string, unknown>[] = await listOf(camera.url)
    const names = list.map(({ filename }) => filename)
    expect(names).toEqual(expect.arrayContaining(['..', '', 'CON', 20260410, null]))
    expect(names.filter((name) => typeof name === 'string' && /[#&%+' ]/.test(name)).length).toBeGreaterThan(6)
    expect(list.filter((entry) => !('first' in entry))).toHaveLength(1)
    expect(list.filter((entry) => !('id' in entry))).toHaveLength(1)
    expect(camera.truth().filter(({ size }) => size === 0)).toHaveLength(1)
  })

  it('huge: one of half a gigabyte', async () => {
    await using camera = await startAxisTimelapse2({ switches: { world: 'huge', auth: 'none' } })
    expect((await listOf(camera.url)).map(({ size }: { size: number }) => size)).toEqual([512 * 1024 * 1024])
  })

  it('custom: what the caller says, with bytes of their own', async () => {
    const file = bytesFile(Buffer.from('not a film'))
    const archives = [{ id: 'MINE', filename: 'mine.mp4', file, listing: { size: 10, first: 5 } }]
    await using camera = await startAxisTimelapse2({ archives, switches: { auth: 'none' } })
    expect(await listOf(camera.url)).toMatchObject([{ id: 'MINE', filename: 'mine.mp4', size: 10, first: 5 }])
    expect((await ask(camera.url, '/local/timelapse2/download?filename=mine.mp4')).body.toString()).toBe('not a film')
    expect(camera.truth()).toMatchObject([{ size: 10, fetchable: true }])
  })
})

describe('the README', () => {
  it('has a row for every switch', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    const table = readme.slice(readme.indexOf('| switch'), readme.indexOf('What follows from'))
    const rows = [...table.matchAll(/^\| `(\w+)`\s*\|/gm)].map(([, name]) => name)
    expect(rows).toEqual(Object.keys(axisSwitches))
  })
})

describe('curl', () => {
  const found = (() => {
    try {
      return execFileSync('curl', ['--version']).length > 0
    } catch {
      return false
    }
  })()
  it.runIf(found)('logs in by digest and fetches what the list promises', async () => {
    await using camera = await startAxisTimelapse2({ tls: true, switches: { auth: 'both' } })
    const [file] = camera.truth()
    const { spawn } = await import('node:child_process')
    const bytes = await new Promise<Buffer>((resolve) => {
      const target = `${camera.url}/local/timelapse2/download?filename=${file!.filename}`
      const child = spawn('curl', ['-sSk', '--digest', '-u', 'root:pass', '-r', '100-', target])
      const chunks: Buffer[] = []
      child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
      child.on('close', () => resolve(Buffer.concat(chunks)))
    })
    expect(bytes.length).toBe(file!.size - 100)
  })
  if (!found) console.log('skipped: a download by curl, because curl is not on PATH')
})
