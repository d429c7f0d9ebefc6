// Puts known bugs in, one by one, into a copy of the workspace, and shows that the tests notice each.
// Usage: npm run mutations [-- <part of a name> …]
import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mutations } from './mutations.mjs'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const wanted = process.argv.slice(2)
const chosen = mutations.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)))

/** The sources and the links between packages; third-party packages are shared with the original. */
function copyWorkspace() {
  const copy = mkdtempSync(join(tmpdir(), 'cam-mutations-'))
  for (const file of ['package.json', 'vitest.config.ts', 'tsconfig.base.json', 'tsconfig.json', 'tools']) {
    cpSync(join(root, file), join(copy, file), { recursive: true })
  }
  for (const room of ['packages', 'apps']) {
    for (const name of readdirSync(join(root, room))) {
      if (!existsSync(join(root, room, name, 'package.json'))) continue
      cpSync(join(root, room, name), join(copy, room, name), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (path) => !/[\\/](dist|\.turbo|\.vite|\.vitest)$/.test(path),
      })
    }
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'dir')
  return copy
}

async function runTests(copy, tests, pattern) {
  const report = join(copy, 'report.json')
  rmSync(report, { force: true })
  const args = ['run', ...tests, '--reporter=json', `--outputFile=${report}`, ...(pattern ? ['-t', pattern] : [])]
  // vitest is started by its own file: the shim in .bin would leave the copy for the original.
  const child = spawn(
    process.execPath,
    [join(copy, 'node_modules/vitest/vitest.mjs'), ...args, '--root', copy, '--maxWorkers=1'],
    { cwd: copy, stdio: 'ignore', timeout: 180_000, env: { ...process.env, CI: '' } },
  )
  const status = await new Promise((resolve) => {
    child.once('error', () => resolve(null))
    child.once('close', resolve)
  })
  if (!existsSync(report)) return { status, passed: 0, failed: [], broken: true }
  const { testResults, numPassedTests } = JSON.parse(readFileSync(report, 'utf8'))
  const failed = testResults.flatMap((file) =>
    file.assertionResults.filter((test) => test.status === 'failed').map((test) => test.fullName),
  )
  const broken = testResults.some((file) => file.status === 'failed' && file.assertionResults.length === 0)
  return { status, passed: numPassedTests, failed, broken }
}

/** Makes all edits of a bug. `misfit` says which of them does not fit the sources any more. */
function putIn(copy, edits) {
  const originals = new Map()
  for (const { file, find, replace } of edits) {
    const path = join(copy, file)
    const before = readFileSync(path, 'utf8')
    if (!originals.has(path)) originals.set(path, before)
    const parts = before.split(find)
    if (parts.length !== 2) {
      return { originals, misfit: `the text to replace occurs ${parts.length - 1} times in ${file}: ${find.trim()}` }
    }
    writeFileSync(path, parts.join(replace))
  }
  return { originals, misfit: undefined }
}

const results = []
const green = new Map()

/** Whether these tests pass without a bug; asked once for each selection. */
function isGreen(copy, tests, pattern) {
  const key = JSON.stringify([tests, pattern])
  if (!green.has(key))
    green.set(
      key,
      runTests(copy, tests, pattern).then(({ status, passed }) => status === 0 && passed > 0),
    )
  return green.get(key)
}

async function judge(copy, { edits, tests, pattern }) {
  if (!(await isGreen(copy, tests, pattern))) return { caught: false, how: 'the tests fail without the bug, too' }
  const { originals, misfit } = putIn(copy, edits)
  try {
    if (misfit) return { caught: false, how: misfit }
    const { failed, broken } = await runTests(copy, tests, pattern)
    if (broken) return { caught: false, how: 'the code no longer runs, which is no test' }
    if (failed.length === 0) return { caught: false, how: 'no test noticed' }
    return { caught: true, how: `by "${failed[0]}"${failed.length > 1 ? ` and ${failed.length - 1} more` : ''}` }
  } finally {
    for (const [path, original] of originals) writeFileSync(path, original)
  }
}

const queue = [...chosen]
await Promise.all(
  Array.from({ length: Math.max(2, availableParallelism()) }, async () => {
    const copy = copyWorkspace()
    try {
      for (let mutation = queue.shift(); mutation; mutation = queue.shift()) {
        const { name, bug } = mutation
        const { caught, how } = await judge(copy, mutation)
        results.push({ name, bug, caught, how })
        console.log(`${caught ? 'caught ' : 'MISSED '} ${name}: ${bug}\n         ${how}`)
      }
    } finally {
      rmSync(copy, { recursive: true, force: true })
    }
  }),
)
mkdirSync(join(root, 'reports'), { recursive: true })
writeFileSync(join(root, 'reports', 'mutations.json'), JSON.stringify(results, null, 2))
const missed = results.filter((result) => !result.caught)
console.log(`\n${results.length} bugs put in, ${results.length - missed.length} caught, ${missed.length} missed`)
process.exitCode = missed.length === 0 && results.length > 0 ? 0 : 1
