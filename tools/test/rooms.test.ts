import { existsSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { code, imports, manifest, root, sources, text, vendors } from './workspace.ts'

const core = 'packages/download-core/src'
const builtin = (name: string) => name.startsWith('node:') || builtinModules.includes(name)
const packageName = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
const libraries = ['download-core', 'ledger-sqlite', 'notify', 'video-merge', ...vendors].filter((name) =>
  existsSync(join(root, 'packages', name, 'package.json')),
)
const librarySources = libraries.flatMap((name) => sources(`packages/${name}/src`))

/** Every import of the files that the rule does not allow, as `file → import`. */
function strangers(files: readonly string[], allowed: (imported: string, file: string) => boolean): string[] {
  return files.flatMap((file) =>
    imports(file)
      .filter((imported) => !allowed(imported, file))
      .map((imported) => `${file} → ${imported}`),
  )
}

/** The files whose code has what the pattern means. `hint`: without that in its text a file need not be parsed. */
function offenders(pattern: RegExp, files: readonly string[], hint: RegExp): string[] {
  return files.filter((file) => hint.test(text(file)) && pattern.test(code(file)))
}

describe('rooms: who may import whom', () => {
  it('reads the sources it judges', () => {
    expect(librarySources.length).toBeGreaterThan(40)
    expect(imports(`${core}/index.ts`)).toContain(`${core}/footage/errors.ts`)
  })

  it('vendors see only the source door of the core, never the disk, never each other', () => {
    for (const vendor of vendors) {
      const folder = `packages/${vendor}`
      const own = Object.keys(manifest(folder).dependencies ?? {})
      expect(
        strangers(sources(`${folder}/src`), (imported) => {
          if (imported.startsWith(`${folder}/src/`)) return true
          if (imported.startsWith('@cam/')) return imported === '@cam/download-core/source'
          if (builtin(imported)) return !/^(node:)?fs(\/|$)/.test(imported)
          return own.includes(packageName(imported))
        }),
      ).toEqual([])
    }
  })

  it('footage imports nothing', () => {
    expect(strangers(sources(`${core}/footage`), (imported) => imported.startsWith(`${core}/footage/`))).toEqual([])
  })

  it('http and transfer see only footage, clock and retry; archive sees those, capture archive; nothing points back', () => {
    const base = [`${core}/footage/`, `${core}/clock.ts`, `${core}/retry.ts`]
    const below =
      (room: string, more: string[] = []) =>
      (imported: string) =>
        !imported.startsWith('packages/') ||
        [...base, `${core}/${room}/`, ...more].some((prefix) => imported.startsWith(prefix))
    expect(strangers(sources(`${core}/http`), below('http'))).toEqual([])
    expect(strangers(sources(`${core}/transfer`), below('transfer'))).toEqual([])
    expect(strangers(sources(`${core}/archive`), below('archive', [`${core}/http/`, `${core}/transfer/`]))).toEqual([])
    const lower = [`${core}/http/`, `${core}/transfer/`, `${core}/archive/`]
    expect(strangers(sources(`${core}/capture`), below('capture', lower))).toEqual([])
    const shared = [`${core}/clock.ts`, `${core}/retry.ts`]
    expect(
      strangers(shared, (imported) => !imported.startsWith('packages/') || base.some((b) => imported.startsWith(b))),
    ).toEqual([])
  })

  it('the core names no vendor', () => {
    const names = /axis|timelapse|unifi|protect|reolink|samsara|eagle/i
    const naming = /\b(axis|timelapse|unifi|protect|reolink|samsara|eagle ?eye)/i
    expect(offenders(naming, sources(core), names)).toEqual([])
  })

  it('simulators import no other package of ours', () => {
    expect(strangers(sources('packages/simulators/src'), (imported) => !imported.startsWith('@cam/'))).toEqual([])
  })

  it('ledger-sqlite, notify and video-merge see only doors of the core', () => {
    for (const name of ['ledger-sqlite', 'notify', 'video-merge']) {
      expect(
        strangers(
          sources(`packages/${name}/src`),
          (imported) => !imported.startsWith('@cam/') || /^@cam\/download-core(\/[a-z]+)?$/.test(imported),
        ),
      ).toEqual([])
    }
  })

  it('foreign libraries have one door each', () => {
    const doors: Record<string, (file: string) => boolean> = {
      got: (file) => file === `${core}/http/http.ts`,
      'tough-cookie': (file) => file === `${core}/http/cookies.ts`,
      '@photostructure/sqlite': (file) => file.startsWith('packages/ledger-sqlite/'),
      'fluent-ffmpeg': (file) => file === 'packages/video-merge/src/ffmpeg.ts',
      nodemailer: (file) => file.startsWith('packages/notify/'),
      commander: (file) => file.startsWith('packages/cli-kit/'),
    }
    const everything = ['packages', 'apps'].flatMap((room) => sources(room)).filter((file) => !file.includes('/test/'))
    expect(
      strangers(everything, (imported, file) => {
        const door = doors[packageName(imported)]
        return !door || door(file)
      }),
    ).toEqual([])
  })

  it('only disk.ts writes files in the core', () => {
    const writers = sources(core).filter((file) => imports(file).some((imported) => /^(node:)?fs(\/|$)/.test(imported)))
    expect(writers).toEqual([`${core}/transfer/disk.ts`])
  })
})

describe('rooms: what libraries leave to their callers', () => {
  it('print nothing, never exit, read no argv and no env', () => {
    const files = librarySources.filter(
      (file) => !file.startsWith(`${core}/http/`) && file !== 'packages/video-merge/src/ffmpeg.ts',
    )
    const outside = /\bconsole\.|\bprocess\.(argv|env|exit|exitCode|std\w+|on|once)\b/
    expect(offenders(outside, files, /console|process/)).toEqual([])
    expect(files.filter((file) => imports(file).includes('node:process'))).toEqual([])
  })

  it('take time only from a Clock', () => {
    const files = librarySources.filter((file) => file !== `${core}/clock.ts`)
    expect(
      offenders(
        /\bDate\.now\b|\bnew Date \( \)|\b(setTimeout|setInterval) \(|\bperformance\.now\b|\bglobalThis\.(Date|setTimeout)/,
        files,
        /Date|setTimeout|setInterval|performance/,
      ),
    ).toEqual([])
    expect(files.filter((file) => imports(file).some((imported) => imported.startsWith('node:timers')))).toEqual([])
  })
})

describe('rooms: files', () => {
  const ours = ['packages', 'apps'].flatMap((room) => sources(room)).filter((file) => file.includes('/src/'))

  it('have names that say what is in them', () => {
    const vague = new Set(['utils', 'util', 'helpers', 'helper', 'misc', 'common', 'manager', 'base'])
    expect(ours.filter((file) => vague.has(basename(file, '.ts')))).toEqual([])
  })
})
