// Adds up the reports of a CI run. A test file that could not be loaded counts as one failure, and so does a command that failed without naming one.
// Usage: node tools/closing-line.mjs <name>=<exit code> …
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const read = (name) => {
  const path = join(root, 'reports', name)
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
}
const codes = Object.fromEntries(process.argv.slice(2).map((pair) => [pair.split('=')[0], Number(pair.split('=')[1])]))
const sum = { passed: 0, failed: 0, skipped: 0 }

const counted = {
  test() {
    const report = read('vitest.json')
    if (!report) return 0
    let failed = report.numFailedTests
    for (const file of report.testResults) {
      if (file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed')) failed++
    }
    sum.passed += report.numPassedTests
    sum.skipped += report.numPendingTests + (report.numTodoTests ?? 0)
    return failed
  },
  check() {
    const report = read('check.json')
    if (!report) return 0
    sum.passed += report.filter((step) => step.passed).length
    return report.filter((step) => !step.passed).length
  },
  mutations() {
    const report = read('mutations.json')
    if (!report) return 0
    sum.passed += report.filter((mutation) => mutation.caught).length
    return report.filter((mutation) => !mutation.caught).length
  },
}

for (const [name, code] of Object.entries(codes)) {
  const named = counted[name]?.()
  if (named === undefined) {
    // A command without a report of its own is one check.
    if (code === 0) sum.passed++
    else sum.failed++
  } else {
    sum.failed += named === 0 && code !== 0 ? 1 : named
  }
}
console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped ? `, ${sum.skipped} skipped` : ''}`)
process.exitCode = sum.failed === 0 ? 0 : 1
