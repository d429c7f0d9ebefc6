// Everything that can be known without running the product: lint, types, structure, unused code, and whether the packed packages work.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bin = (name) => join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name)
const env = {
  ...process.env,
  TURBO_TELEMETRY_DISABLED: '1',
  PATH: `${join(root, 'node_modules', '.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`,
}
const results = []

function step(name, command, args, options = {}) {
  console.log(`\n── ${name}`)
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    ...options,
  })
  const passed = status === 0 && !error
  results.push({ name, passed })
  console.log(passed ? `ok  ${name}` : `NOT OK  ${name}`)
  return passed
}

function publishable() {
  return ['packages', 'apps'].flatMap((room) =>
    readdirSync(join(root, room))
      .map((name) => join(root, room, name))
      .filter((folder) => {
        try {
          return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).private !== true
        } catch {
          return false
        }
      }),
  )
}

step('lint and format (biome)', bin('biome'), ['check', '--error-on-warnings', '.'])
step('types (tsc), tools', bin('tsc'), ['-p', '.'])
step('types (tsc), packages', bin('turbo'), ['run', 'check', '--output-logs=errors-only'])
step('structure tests', bin('vitest'), ['run', 'tools/test', '--reporter=default'])
step('unused files, exports and dependencies (knip)', bin('knip'), ['--no-progress'])

if (step('build (tsup)', bin('turbo'), ['run', 'build', '--output-logs=errors-only'])) {
  const packed = mkdtempSync(join(tmpdir(), 'cam-pack-'))
  try {
    for (const folder of publishable()) {
      const { name, bin: bins, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      // pnpm pack, not npm pack: npm leaves `workspace:^` in the manifest.
      const { status } = spawnSync(bin('pnpm'), ['pack', '--pack-destination', packed], {
        cwd: folder,
        env,
        stdio: 'ignore',
        shell: process.platform === 'win32',
      })
      const tarball = readdirSync(packed).find(
        (file) =>
          file.startsWith(`${name.replace('@', '').replace('/', '-')}-0`) ||
          file.startsWith(`${name.replace('@', '').replace('/', '-')}-1`),
      )
      if (status !== 0 || !tarball) {
        results.push({ name: `pack ${name}`, passed: false })
        continue
      }
      step(`publint ${name}`, bin('publint'), ['--strict', join(packed, tarball)])
      const isLibrary = Object.keys(exports ?? {}).some((door) => door !== './package.json')
      if (isLibrary)
        step(`types of the packed ${name} (attw)`, bin('attw'), ['--profile', 'esm-only', join(packed, tarball)])
      if (bins) {
        const [first] = Object.values(bins)
        step(`the built ${name} starts`, process.execPath, [join(folder, first), '--help'], {
          stdio: ['ignore', 'ignore', 'inherit'],
        })
      }
    }
  } finally {
    rmSync(packed, { recursive: true, force: true })
  }
}

mkdirSync(join(root, 'reports'), { recursive: true })
writeFileSync(join(root, 'reports', 'check.json'), JSON.stringify(results, null, 2))
const failed = results.filter((result) => !result.passed)
console.log(
  `\n${results.length - failed.length} checks passed, ${failed.length} failed${failed.length ? `: ${failed.map((f) => f.name).join('; ')}` : ''}`,
)
process.exitCode = failed.length === 0 ? 0 : 1
