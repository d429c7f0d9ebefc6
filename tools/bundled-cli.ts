import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder with each app's command line in one file: `<app>.mjs`. */
    readonly bundledClis: string
  }
}

const apps = ['axis-timelapse2-cli', 'unifi-cli', 'eagleeye-cli']
const inRoot = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

/**
 * Bundles the command lines from their sources, once for all tests: they start four times as fast as through a TypeScript
 * loader, and tests start them some two hundred times.
 */
export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'cam-clis-'))
  const sqlite = createRequire(inRoot('packages/ledger-sqlite/package.json')).resolve('@photostructure/sqlite')
  const bundle = () =>
    build({
      entryPoints: apps.map((app) => ({ in: inRoot(`apps/${app}/src/main.ts`), out: app })),
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      conditions: ['@cam/source'],
      sourcemap: 'linked',
      banner: {
        js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
      },
      plugins: [
        {
          name: 'native module',
          setup(bundler) {
            // In its place stands a module that lets a preload put its own class before the real one, which is frozen.
            bundler.onResolve({ filter: /^@photostructure\/sqlite$/ }, ({ path }) => ({ path, namespace: 'native' }))
            bundler.onResolve({ filter: /./, namespace: 'native' }, () => ({ path: sqlite, external: true }))
            bundler.onLoad({ filter: /./, namespace: 'native' }, () => ({
              contents: `import real from 'real'
              export const DatabaseSync = globalThis.databaseForTests?.(real.DatabaseSync) ?? real.DatabaseSync`,
            }))
          },
        },
      ],
      logLevel: 'silent',
    })
  await bundle()
  project.onTestsRerun(async () => void (await bundle()))
  project.provide('bundledClis', folder)
  return () => rmSync(folder, { recursive: true, force: true })
}
