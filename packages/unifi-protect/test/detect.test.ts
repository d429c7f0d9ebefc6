import { createServer } from 'node:net'
import { createHttp } from '@cam/download-core/source'
import { describe, expect, it } from 'vitest'
import { detect } from '../src/client/detect.ts'
import type { Settings } from '../src/options.ts'
import { createSession } from '../src/session.ts'
import { call, failure, jwt, password, type Script, scripted, settingsFor } from './scripted-console.ts'

const unifiOs: Script = { 'GET /': { page: '<html>UniFi OS</html>', headers: { 'x-csrf-token': 'c5f0' } } }
const system: Script = {
  'GET /': { page: '<html></html>' },
  'GET /api/system': { json: { hardware: { shortname: 'UDMPRO' }, name: 'UDM Pro', mac: 'AABBCCDDEEFF' } },
}
const legacy: Script = {
  'GET /': { page: '<html>UniFi Protect</html>', headers: { 'x-powered-by': 'Express' } },
  'GET /api/bootstrap': { status: 401, json: { error: 'Unauthorized', type: 'AuthenticationError' } },
}
const website: Script = { 'GET /': { page: '<html>My shop</html>' } }

async function detected(settings: Settings) {
  await using http = createHttp({ ...settings, tls: settings.tls!, env: {} })
  return await detect(http, settings, call)
}

/** A port on which nobody listens. */
async function closedPort(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return `https://127.0.0.1:${port}`
}

describe('a console is recognised', () => {
  it.each([
    ['by the CSRF token of its start page', unifiOs, 'unifi-os', 1],
    ['by what its system says', system, 'unifi-os', 2],
    ['before UniFi OS, by its API asking for a login', legacy, 'legacy', 3],
  ] as const)('%s', async (_, script, generation, questions) => {
    await using server = await scripted(script)
    expect(await detected(settingsFor(server))).toEqual({ origin: server.url, generation })
    expect(server.log).toHaveLength(questions)
    expect(server.log.every(({ method, body }) => method === 'GET' && body === '')).toBe(true)
  })

  it('at the second port where nobody listens at the first', async () => {
    await using server = await scripted(legacy)
    const settings = settingsFor([await closedPort(), server.url])
    expect(await detected(settings)).toEqual({ origin: server.url, generation: 'legacy' })
  })

  it('at the second port where something else answers at the first', async () => {
    await using shop = await scripted(website)
    await using server = await scripted(legacy)
    expect(await detected(settingsFor([shop.url, server.url]))).toEqual({ origin: server.url, generation: 'legacy' })
    expect(shop.log.some(({ body, headers }) => body !== '' || headers.cookie || headers.authorization)).toBe(false)
  })
})

describe('what is no console', () => {
  it.each<[string, Script]>([
    ['a website', website],
    [
      'a page for everything',
      { ...website, 'GET /api/system': { page: '<html>' }, 'GET /api/bootstrap': { page: '<html>' } },
    ],
    [
      'another API',
      { 'GET /': { json: {} }, 'GET /api/system': { json: { version: 3 } }, 'GET /api/bootstrap': { json: {} } },
    ],
    [
      'a login page',
      {
        'GET /': { status: 302, headers: { location: '/login?token=sesame' } },
        'GET /api/bootstrap': { status: 401, page: '<html>Login' },
      },
    ],
    ['an endless answer', { ...website, 'GET /api/system': { page: 'x'.repeat(2_000_000) } }],
  ])('%s never sees the password', async (_, script) => {
    await using server = await scripted(script)
    await using session = createSession(settingsFor(server))
    const error = await failure(session.console(call))
    expect(error).toMatchObject({ code: 'PROTOCOL', retryable: false })
    expect(error.message).toContain(`omething answered at ${server.url}, but it is no UniFi Protect console`)
    expect(error.message).toContain('The password was not sent.')
    expect(error.message).not.toMatch(/sesame/)
    expect(server.log.every(({ method, body }) => method === 'GET' && body === '')).toBe(true)
    expect(JSON.stringify(server.log)).not.toContain(password)
  })

  it('is named together with what did not answer', async () => {
    await using shop = await scripted(website)
    const silent = await closedPort()
    const error = await failure(detected(settingsFor([shop.url, silent])))
    expect(error.message).toContain(shop.url)
    expect(error.message).toContain(silent.replace('https://', ''))
    expect(error).toMatchObject({ code: 'PROTOCOL' })
  })

  it('does not hide a console that is busy for the moment', async () => {
    await using shop = await scripted(website)
    await using server = await scripted({ 'GET /': { status: 502, page: '<html>nginx' } })
    const error = await failure(detected(settingsFor([shop.url, server.url])))
    expect(error).toMatchObject({ code: 'SERVER', retryable: true })
  })

  it('nobody at either port', async () => {
    const [one, two] = [await closedPort(), await closedPort()]
    const error = await failure(detected(settingsFor([one, two])))
    expect(error).toMatchObject({ code: 'NETWORK', reason: 'ECONNREFUSED', retryable: true })
    expect(error.message).toContain(one.replace('https://', ''))
    expect(error.message).toContain(two.replace('https://', ''))
  })

  it('a console that starts is asked again', async () => {
    let busy = 2
    const login = { headers: { 'set-cookie': `TOKEN=${jwt({})}` }, json: {} }
    await using server = await scripted({
      'GET /': () => (busy-- > 0 ? { status: 503, page: '<html>nginx' } : { ...unifiOs['GET /'] }),
      'POST /api/auth/login': login,
    })
    await using session = createSession(settingsFor(server))
    expect(await session.console(call)).toMatchObject({ generation: 'unifi-os' })
    expect(server.asked('GET /')).toBe(3)
    expect(server.asked('POST /api/auth/login')).toBe(1)
  })
})

describe('an untrusted certificate', () => {
  it.each(['first', 'second'])('of the %s port ends the search', async (which) => {
    await using strange = await scripted(unifiOs)
    await using other = await scripted(legacy)
    const urls = which === 'first' ? [strange.url, other.url] : [await closedPort(), strange.url]
    await using session = createSession({ ...settingsFor(urls), tls: {} })
    const error = await failure(session.console(call))
    expect(error).toMatchObject({ code: 'TLS_UNTRUSTED', fingerprint256: strange.certificate.fingerprint256 })
    expect([...strange.log, ...other.log]).toEqual([])
  })

  it('is fine where its fingerprint is pinned', async () => {
    await using server = await scripted(unifiOs)
    const tls = { fingerprint256: server.certificate.fingerprint256 }
    expect(await detected({ ...settingsFor(server), tls })).toMatchObject({ generation: 'unifi-os' })
  })
})
