import { createServer } from 'node:http'
import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { never, pretend, thrown } from './pretend-device.ts'

const password = `Ab1 '"&%/ü`

/** Everything an error says, its causes and stacks included. */
const everything = (error: unknown) => `${inspect(error, { depth: 9 })} ${JSON.stringify(error)} ${String(error)}`

/** The forms it may have on its way. */
const forms = [password, encodeURIComponent(password), JSON.stringify(password).slice(1, -1), '%27%22%26', "'%22%26"]

describe.each(['token', 'short', 'encrypted'] as const)(
  'with login %s, no error shows the password or a token',
  (login) => {
    it.each(['-6', '-4', '-17', 'cut', 'empty', 'html', '404', '502', 'reset'] as const)(
      'for commands: %s',
      async (jsonFault) => {
        const { simulator, device } = await pretend({
          ...{ password, switches: { profile: 'hub', jsonFault }, options: { login, retry: { retries: 0 } } },
        })
        const shown = everything(await thrown(device.ask({ cmd: 'GetTime' }, never)))
        for (const form of forms) expect(shown).not.toContain(form)
        expect(shown).not.toMatch(/token=[\da-f]/)
        expect(simulator.requests.length).toBeGreaterThan(0)
      },
    )

    it.each(['-6', '-48', 'short', 'cut', 'html', 'reset'] as const)('for pictures: %s', async (snapFault) => {
      const { device } = await pretend({ password, switches: { profile: 'hub', snapFault }, options: { login } })
      const shown = everything(await thrown(device.snapshot(0, never)))
      for (const form of forms) expect(shown).not.toContain(form)
      expect(shown).not.toMatch(/token=[\da-f]/)
    })
  },
)

it.each([-7, -506, -5, -4])('a device that repeats what it was told is not quoted: %i', async (rspCode) => {
  const server = createServer(async (request, response) => {
    const body = (await request.toArray()).join('')
    response.end(JSON.stringify([{ cmd: 'Login', code: 1, error: { detail: body, rspCode } }]))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { client } = await pretend({ options: { retry: { retries: 0 } } })
  const device = client({ host: `127.0.0.1:${(server.address() as { port: number }).port}`, password: 'nobody-knows' })
  const error = await thrown(device.ask({ cmd: 'GetTime' }, never))
  expect(error).toMatchObject({ vendorCode: rspCode })
  expect(error.message).toContain('"password":"***"')
  expect(everything(error)).not.toContain('nobody-knows')
})

it('nor one that repeats the value of the query alone', async () => {
  const server = createServer((request, response) => {
    const [, value] = request.url!.split('password=')
    response.setHeader('content-type', 'text/html').end(`[ bad: ${value}`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { client } = await pretend({ options: { retry: { retries: 0 }, login: 'short' } })
  const host = `127.0.0.1:${(server.address() as { port: number }).port}`
  const error = await thrown(client({ host, password: 'nobody/knows d' }).ask({ cmd: 'GetTime' }, never))
  expect(everything(error)).toContain('bad: ***')
  expect(everything(error)).not.toContain('nobody')
})
