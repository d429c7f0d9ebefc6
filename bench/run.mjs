// Side-by-side measurements, one file each in this folder, named <what>.bench.mjs and exporting `run()`. Timings live here and never in a test.
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const folder = dirname(fileURLToPath(import.meta.url))
const wanted = process.argv.slice(2)
const benches = readdirSync(folder).filter(
  (name) => name.endsWith('.bench.mjs') && (wanted.length === 0 || wanted.some((part) => name.includes(part))),
)

for (const name of benches) {
  console.log(`── ${name.replace('.bench.mjs', '')}`)
  await (await import(pathToFileURL(join(folder, name)).href)).run()
}
if (benches.length === 0) console.log('No benchmarks yet: add bench/<what>.bench.mjs with an exported run().')
