import { existsSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { manifest, root, sources, text, vendors } from './workspace.ts'

const rooms = ['index', 'options', 'session', 'client', 'wire', 'failures', 'source']

describe('every vendor package has the same outline', () => {
  it.each(vendors)('%s', (vendor) => {
    const folder = `packages/${vendor}`
    const top = new Set(
      sources(`${folder}/src`).map((file) => file.slice(`${folder}/src/`.length).split('/')[0]?.replace(/\.ts$/, '')),
    )
    expect([...top].sort()).toEqual([...rooms].sort())
    for (const page of ['README.md', 'PROTOCOL.md'])
      expect(existsSync(join(root, folder, page)), `${folder}/${page}`).toBe(true)
    expect(Object.keys(manifest(folder).exports ?? {})).toEqual(['.', './package.json'])
    expect(text(`${folder}/PROTOCOL.md`)).toMatch(/CONFIRMED[\s\S]*INFERRED[\s\S]*UNKNOWN/)
  })
})

describe('every package', () => {
  const packages = ['packages', 'apps'].flatMap((room) =>
    ts.sys.getDirectories(join(root, room)).map((name) => `${room}/${name}`),
  )

  it.each(packages)('%s says what it is, may be published, and hides its insides', (folder) => {
    const { name, private: hidden, exports, ...rest } = manifest(folder)
    expect(name).toBe(`@cam/${folder.split('/')[1]}`)
    expect(rest.description, 'description').toBeTruthy()
    expect(rest.license).toBe('MIT')
    expect(rest.engines).toEqual({ node: '>=20.19' })
    if (hidden) return
    expect(existsSync(join(root, folder, 'README.md')), 'README.md').toBe(true)
    const more = [
      ...(vendors.some((vendor) => folder === `packages/${vendor}`) ? ['PROTOCOL.md'] : []),
      ...(folder === 'packages/simulators' ? ['bin'] : []),
    ]
    expect([...(rest.files as string[])].sort()).toEqual([...more, 'dist'].sort())
    for (const [door, target] of Object.entries(exports ?? {})) {
      if (door === './package.json') continue
      expect(Object.keys(target as object), `${name} ${door}`).toEqual(['@cam/source', 'types', 'default'])
    }
    if (folder.startsWith('apps/')) expect(Object.keys(exports ?? {})).toEqual(['./package.json'])
  })

  it('declares each dependency in the workspace with one range', () => {
    const ranges = new Map<string, Set<string>>()
    for (const folder of packages) {
      const { dependencies, devDependencies } = manifest(folder) as ReturnType<typeof manifest> & {
        devDependencies?: Record<string, string>
      }
      for (const [name, range] of Object.entries({ ...dependencies, ...devDependencies })) {
        ranges.set(name, (ranges.get(name) ?? new Set()).add(range))
      }
    }
    expect(
      [...ranges].filter(([, found]) => found.size > 1).map(([name, found]) => `${name}: ${[...found].join(' and ')}`),
    ).toEqual([])
  })
})

describe('public surface', () => {
  const libraries = [
    'packages/download-core',
    'packages/ledger-sqlite',
    ...vendors.map((vendor) => `packages/${vendor}`),
  ]

  it.each(libraries)('every name exported from %s is documented', (folder) => {
    const undocumented: string[] = []
    for (const file of sources(`${folder}/src`)) {
      const documented = new Set<string>()
      const tree = ts.createSourceFile(file, text(file), ts.ScriptTarget.Latest, true)
      for (const statement of tree.statements) {
        const exported =
          ts.canHaveModifiers(statement) &&
          ts.getModifiers(statement)?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword)
        if (!exported || ts.isExportDeclaration(statement)) continue
        const name = ts.isFunctionDeclaration(statement) ? (statement.name?.text ?? '') : ''
        // The first overload speaks for the others.
        if (ts.getJSDocCommentsAndTags(statement).length > 0) documented.add(name)
        else if (name === '' || !documented.has(name)) {
          undocumented.push(`${file}: ${statement.getText(tree).split('\n')[0]?.slice(0, 80)}`)
        }
      }
    }
    expect(undocumented).toEqual([])
  })
})
