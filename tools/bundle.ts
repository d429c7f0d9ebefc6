import { mkdtempSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ledger = fileURLToPath(new URL('../packages/ledger-sqlite/package.json', import.meta.url))

/**
 * Programs from their sources: `<out>.mjs` in the folder. `splitting`: what is only imported when it is needed stays in
 * files of its own, which start faster but do not suit packages in CommonJS.
 */
export async function bundle(
  entries: readonly { in: URL; out: string }[],
  folder: string,
  { splitting = false } = {},
): Promise<void> {
  const sqlite = createRequire(ledger).resolve('@photostructure/sqlite')
  await build({
    entryPoints: entries.map((entry) => ({ in: fileURLToPath(entry.in), out: entry.out })),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    splitting,
    target: 'node20',
    conditions: ['@cam/source'],
    sourcemap: 'linked',
    banner: {
      // What packages in CommonJS expect; fluent-ffmpeg looks for files beside itself.
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url), __dirname = import.meta.dirname;",
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
}

const made = new Map<string, Promise<string>>()

/**
 * One program for child processes, made when it is first asked for: it starts four times as fast as through a TypeScript
 * loader. The file goes with the temporary folder of the run.
 */
export function bundled(source: URL): Promise<string> {
  const known = made.get(source.href) ?? make(source)
  made.set(source.href, known)
  return known
}

async function make(source: URL): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'cam-bundle-'))
  const out = basename(source.pathname, '.ts')
  await bundle([{ in: source, out }], folder)
  return join(folder, `${out}.mjs`)
}
