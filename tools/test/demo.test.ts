import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'

it('the demo ends quietly when nobody reads on', async () => {
  const stage = new URL('../demo/stage.mjs', import.meta.url).href
  const code = `const { say } = await import('${stage}'); setInterval(() => say('x'.repeat(1000)), 1)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code])
  let words = ''
  child.stderr.on('data', (chunk) => {
    words += chunk
  })
  child.stdout.once('data', () => child.stdout.destroy())
  expect([(await once(child, 'close'))[0], words]).toEqual([0, ''])
})
