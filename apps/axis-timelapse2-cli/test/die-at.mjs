// Loaded into the command line before it starts (--import). Ends it with SIGKILL at one step on its way to a kept file, as a power
// cut would: DIE_AT is {"call", "path" (a regular expression), "when": "before" | "after", "nth"}.
import fs from 'node:fs/promises'

const { call, path: pattern, when, nth = 1 } = JSON.parse(process.env.DIE_AT)
const path = new RegExp(pattern)
let met = 0

const dies = (name, where) => name === call && path.test(where) && ++met === nth
const die = () => process.kill(process.pid, 'SIGKILL')

/** What `original` does, unless this is the step to die at. */
async function step(name, where, original) {
  const last = dies(name, where)
  if (last && when === 'before') die()
  const result = await original()
  if (last) die()
  return result
}

for (const name of ['rename', 'link', 'rm', 'utimes']) {
  const original = fs[name]
  fs[name] = (first, ...rest) =>
    step(name, String(name === 'rename' || name === 'link' ? rest[0] : first), () => original(first, ...rest))
}

const open = fs.open
fs.open = async (where, ...rest) => {
  const handle = await open(where, ...rest)
  for (const name of ['sync', 'datasync', 'writev']) {
    const original = handle[name].bind(handle)
    handle[name] = (...args) => step(name, String(where), () => original(...args))
  }
  return handle
}

// The native class cannot be changed, so the bundle asks for a class to use instead.
globalThis.databaseForTests = (Database) =>
  class extends Database {
    exec(sql) {
      const last = dies(sql, '')
      if (last && when === 'before') die()
      super.exec(sql)
      if (last) die()
    }
  }
