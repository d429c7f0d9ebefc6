import { startEagleEye } from '@cam/simulators/eagleeye'
import { expect, it } from 'vitest'
import { place, runHere, startHere } from './run.ts'

it('x', async () => {
  await using cloud = await startEagleEye({})
  const { env, line } = await place(cloud, { loggedIn: false })
  console.log((await runHere(['--help'], env)).stdout)
  console.log((await runHere(['login', '--help'], env)).stdout)
  console.log(await runHere([...line], env))
  const run = startHere(['login', ...cloud.args], env)
  await new Promise((d) => setTimeout(d, 300))
  console.log(run.text())
  const url = /\nhttp\S+\/oauth2\S+/.exec(run.text())![0].trim()
  const page = await fetch(url)
  console.log(page.status, await page.text())
  console.log(await run.ended)
  console.log(await runHere(['cameras', ...cloud.args], env))
  console.log(await runHere([...line, '--start', '2026-02-08T00:00Z', '--end', '2026-02-09T00:00Z'], env))
  console.log(await runHere([...line], env))
  expect(1).toBe(1)
})
