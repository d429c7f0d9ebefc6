import { describe, expect, it } from 'vitest'
import { TestClock } from '../test-clock.ts'
import { local, reolink } from './client.ts'

describe('the envelope', () => {
  it('is JSON in the style of the firmware, under the type of a page, at status 200', async () => {
    await using one = await reolink()
    const refused = await one.get('cmd=GetDevInfo')
    expect([refused.status, refused.headers.get('content-type')]).toEqual([200, 'text/html'])
    expect(refused.body.toString()).toBe(
      [
        ...['[', '   {', '      "cmd" : "GetDevInfo",', '      "code" : 1,', '      "error" : {'],
        ...['         "detail" : "please login first",', '         "rspCode" : -6', '      }', '   }', ']', ''],
      ].join('\n'),
    )
    const token = await one.login()
    expect(token).toMatch(/^[0-9a-f]{15}$/)
    const reply = await one.get(`cmd=GetDevInfo&token=${token}`)
    expect(reply.json[0].value.DevInfo).toMatchObject({ model: 'RLC-520A', channelNum: 1, exactType: 'IPC' })
    expect(reply.headers.get('x-frame-options')).toBe('SAMEORIGIN')
    expect((await one.command(token, 'GetWifiSignalOfTheMoon')).error).toEqual({ detail: 'not support', rspCode: -9 })
    expect((await one.command(token, 'GetChannelstatus')).error.rspCode).toBe(-9)
    expect(one.device.violations).toEqual([])
  })

  it('remembers what was asked, but no password', async () => {
    await using one = await reolink()
    const token = await one.login()
    await one.command(token, 'GetAbility', { User: { userName: 'admin' } })
    const bodies = one.device.requests.map(({ requestBody }) => requestBody)
    expect(bodies[0]).toContain('"userName":"admin","password":"…"')
    expect(bodies[1]).toBe('[{"cmd":"GetAbility","action":0,"param":{"User":{"userName":"admin"}}}]')
    expect(one.device.requests[1]!.target).toBe(`/cgi-bin/api.cgi?cmd=GetAbility&token=${token}`)
    expect(one.device.log.counts()).toMatchObject({ total: 2, nodes: { GetAbility: 1, Login: 1 } })
  })

  it('answers batches in their order, refuses long ones, and loses one to a poisoned command', async () => {
    await using one = await reolink({ switches: { poison: 'GetRec' } })
    const token = await one.login()
    const batch = (count: number, cmd = 'GetTime') =>
      one.send('GetTime', `&token=${token}`, [
        ...Array.from({ length: count - 1 }, () => ({ cmd: 'GetDevInfo', action: 0, param: {} })),
        { cmd, action: 0, param: {} },
      ])
    const good = (await batch(35)).json
    expect([good.length, good[0].cmd, good[34].cmd]).toEqual([35, 'GetDevInfo', 'GetTime'])
    expect((await batch(2, 'GetRec')).json).toEqual([
      { cmd: 'GetDevInfo', code: 1, error: { detail: 'timeout', rspCode: -8 } },
    ])
    expect(one.device.violations).toEqual([])
    expect((await batch(36)).json[0].error).toEqual({ detail: 'send failed', rspCode: -16 })
    expect(one.device.violations).toEqual(['a batch of 36 commands'])
  })

  it('breaks answers in every way a switch names', async () => {
    await using one = await reolink()
    const token = await one.login()
    const answer = async (jsonFault: 'cut' | 'utf8' | 'empty' | 'html' | '404' | '502' | '-17') => {
      one.device.set({ jsonFault, jsonFaultTimes: 1 })
      const { status, body } = await one.get(`cmd=GetDevInfo&token=${token}`)
      return { status, text: body.toString() }
    }
    expect((await answer('cut')).text).toMatch(/^\[[^\]]+$/)
    expect((await answer('utf8')).text).toContain('�')
    expect((await answer('empty')).text).toBe('')
    expect((await answer('html')).text).toContain('<html>')
    expect([(await answer('404')).status, (await answer('502')).status]).toEqual([404, 502])
    expect(JSON.parse((await answer('-17')).text)[0].error.rspCode).toBe(-17)
    expect((await one.command(token, 'GetDevInfo')).code).toBe(0)
    one.device.set({ jsonFault: 'reset' })
    await expect(one.get(`cmd=GetDevInfo&token=${token}`)).rejects.toThrow()
  })
})

describe('the clock of the device', () => {
  it('is wall time with summer time in it, seconds west of UTC, and may be wrong', async () => {
    const clock = new TestClock()
    await using one = await reolink({ clock, switches: { skew: -90_000 } })
    const token = await one.login()
    const { Dst, Time } = (await one.command(token, 'GetTime')).value
    // 2026-04-01T00:00Z is 02:00 in Berlin, and the device is a minute and a half behind.
    expect(Time).toMatchObject({ ...local(2026, 4, 1, 1, 58, 30), timeZone: -3600 })
    expect(Dst).toMatchObject({ enable: 1, offset: 1, startMon: 3, startWeek: 5, endMon: 10, endHour: 3 })
    expect((await one.command(token, 'GetTime', {}, 1)).initial).toBeDefined()
  })

  it.each([
    ['berlin', '2025-03-30T00:59:59Z', 1],
    ['berlin', '2025-03-30T01:00:00Z', 2],
    ['berlin', '2025-10-26T00:59:59Z', 2],
    ['berlin', '2025-10-26T01:00:00Z', 1],
    ['new-york', '2025-03-09T06:59:59Z', -5],
    ['new-york', '2025-03-09T07:00:00Z', -4],
    ['new-york', '2025-11-02T05:59:59Z', -4],
    ['new-york', '2025-11-02T06:00:00Z', -5],
    ['sydney', '2025-10-04T15:59:59Z', 10],
    ['sydney', '2025-10-04T16:00:00Z', 11],
    ['sydney', '2026-04-04T15:59:59Z', 11],
    ['sydney', '2026-04-04T16:00:00Z', 10],
    ['kathmandu', '2026-04-04T16:00:00Z', 5.75],
  ] as const)('%s at %s is %s hours ahead', async (zone, moment, hours) => {
    const at = Date.parse(moment)
    const clock = new TestClock()
    clock.advance(at - clock.now())
    await using one = await reolink({ clock, switches: { zone } })
    const { year, mon, day, hour, min, sec } = (await one.command(await one.login(), 'GetTime')).value.Time
    expect(Date.UTC(year, mon - 1, day, hour, min, sec) - at).toBe(hours * 3_600_000)
  })
})

describe('sessions', () => {
  it('are few, last an hour, and are freed by Logout', async () => {
    const clock = new TestClock()
    await using one = await reolink({ clock, switches: { sessionCap: 2 } })
    const first = await one.login()
    clock.advance(1_800_000)
    await one.login()
    expect((await one.tryLogin()).json[0].error).toEqual({ detail: 'max session', rspCode: -5 })
    expect((await one.command(first, 'Logout')).value).toEqual({ rspCode: 200 })
    expect((await one.command(first, 'GetTime')).error.rspCode).toBe(-6)
    const third = await one.login()
    clock.advance(3_600_000)
    expect((await one.command(third, 'GetTime')).error.rspCode).toBe(-6)
    expect(one.device.truth().sessions).toMatchObject({ open: 0, opened: 3, closed: 3, maximum: 2 })
    expect(one.device.truth().sessions.history.map(({ ended }) => ended)).toEqual(['logout', 'expired', 'expired'])
    expect(one.device.violations).toEqual([])
  })

  it('are not known yet right after a login to a camera', async () => {
    const clock = new TestClock()
    await using one = await reolink({ clock, switches: { loginSettles: 'profile' } })
    const token = await one.login()
    expect((await one.command(token, 'GetDevInfo')).error.rspCode).toBe(-6)
    clock.advance(300)
    expect((await one.command(token, 'GetDevInfo')).code).toBe(0)
  })

  it('are shown, and can be ended by another', async () => {
    await using one = await reolink()
    const [token, other] = [await one.login(), await one.login()]
    const { User } = (await one.command(token, 'GetOnline')).value
    expect(User).toMatchObject([
      { canbeDisconn: 0, level: 'admin', sessionId: 1, userName: 'admin' },
      { canbeDisconn: 1, ip: '127.0.0.1', sessionId: 2 },
    ])
    expect((await one.command(token, 'Disconnect', { User: { userName: 'admin', sessionId: 2 } })).code).toBe(0)
    expect((await one.command(other, 'GetTime')).error.rspCode).toBe(-6)
    expect((await one.command(token, 'Disconnect', { User: { userName: 'admin', sessionId: 2 } })).code).toBe(1)
  })

  it('are spoiled by a Logout without a token, where the firmware is such', async () => {
    await using one = await reolink({ switches: { poisonedLogout: true } })
    await one.send('Logout', '', [{ cmd: 'Logout', action: 0, param: {} }])
    expect(one.device.violations).toEqual(['Logout: without a token'])
    expect((await one.command(await one.login(), 'GetTime')).error.detail).toBe('please login first')
    one.device.reboot()
    one.device.set({ bootMs: 0 })
  })

  it('of a hub are dead when the credentials stood in the URL', async () => {
    await using one = await reolink({ switches: { profile: 'hub' } })
    const reply = await one.tryLogin('admin', 'pass-1234', '&user=admin&password=pass-1234&token=abc')
    const token = reply.json[0].value.Token.name
    expect((await one.command(token, 'GetTime')).error.rspCode).toBe(-6)
    expect(one.device.violations).toEqual(['Login: a token in its URL', 'Login: credentials in its URL'])
  })

  it('need not be for commands and pictures, but for recordings', async () => {
    await using one = await reolink()
    const named = '&user=admin&password=pass-1234'
    expect((await one.get(`cmd=GetDevInfo${named}`)).json[0].code).toBe(0)
    expect((await one.get(`cmd=Snap&channel=0${named}`)).headers.get('content-type')).toBe('image/jpeg')
    expect(one.device.violations).toEqual([])
    const file = await one.get(`cmd=Download&source=x.mp4&output=x.mp4${named}`)
    expect(file.json[0].error.rspCode).toBe(-6)
    expect(one.device.violations).toEqual(['Download: credentials in its URL'])
    one.device.set({ shortSession: false })
    expect((await one.get(`cmd=GetDevInfo${named}`)).json[0].error.rspCode).toBe(-6)
  })

  it('are all over after a Reboot, which takes its time', async () => {
    const clock = new TestClock()
    await using one = await reolink({ clock, switches: { bootStatus: '502', bootTimes: 1 } })
    const token = await one.login()
    expect((await one.command(token, 'Reboot')).value).toEqual({ rspCode: 200 })
    expect(one.device.violations).toEqual(['Reboot: it changes the device'])
    await expect(one.get('cmd=GetTime')).rejects.toThrow()
    clock.advance(60_000)
    expect((await one.get('cmd=GetTime')).status).toBe(502)
    expect((await one.command(token, 'GetTime')).error.rspCode).toBe(-6)
    expect((await one.command(await one.login(), 'GetTime')).code).toBe(0)
  })
})

describe('a wrong password', () => {
  it('is counted down from ten, and then locks the account for five minutes', async () => {
    const clock = new TestClock()
    await using one = await reolink({ clock })
    const wrong = async (at: number) => (await one.tryLogin('admin', `guess ${at}`)).json[0].error
    expect(await wrong(1)).toEqual({
      auth_warning_info: { remain_times: 9, unlock_time: 0 },
      detail: 'login failed',
      rspCode: -7,
    })
    for (let at = 2; at < 10; at++) await wrong(at)
    expect((await wrong(10)).auth_warning_info).toEqual({ remain_times: 0, unlock_time: 300 })
    expect(one.device.violations).toEqual([])
    clock.advance(299_000)
    const locked = (await one.tryLogin()).json[0].error
    expect(locked).toMatchObject({ auth_warning_info: { remain_times: 0, unlock_time: 1 }, rspCode: -506 })
    expect(locked.detail).toContain('Login has been locked, please try again later!')
    expect(one.device.violations).toEqual(['Login: the account is locked'])
    clock.advance(1000)
    await one.login()
    expect((await wrong(11)).auth_warning_info.remain_times).toBe(9)
  })

  it('counts in the URL too, has another number on newer devices, and is noticed when it comes again', async () => {
    await using one = await reolink({ switches: { profile: 'nvr-classic', loginTries: 5 } })
    const error = (await one.get('cmd=Snap&channel=0&user=admin&password=no')).json[0].error
    expect(error).toMatchObject({ rspCode: -502, detail: 'password wrong', auth_warning_info: { remain_times: 4 } })
    expect((await one.tryLogin('admin', 'no')).json[0].error.auth_warning_info.remain_times).toBe(3)
    expect(one.device.violations).toEqual(['Login: the same wrong password again'])
  })

  it('is not what a right one that fails is', async () => {
    await using one = await reolink({ switches: { loginFailN: 1 } })
    expect((await one.tryLogin()).json[0].error.rspCode).toBe(-105)
    await one.login()
    expect(one.device.truth().sessions.opened).toBe(1)
  })
})

describe('two requests at once', () => {
  it('of one session are noticed, and may be broken', async () => {
    const clock = new TestClock()
    await using one = await reolink({ clock, switches: { jsonMs: 1000, concurrent: 'reset' } })
    const [token, other] = [await one.login(), await one.login()]
    const asked = () => one.device.requests.filter(({ node }) => node === 'GetTime').length
    const first = one.command(token, 'GetTime')
    const elsewhere = one.command(other, 'GetTime')
    while (asked() < 2) await new Promise(setImmediate)
    await expect(one.command(token, 'GetDevInfo')).rejects.toThrow()
    clock.advance(1000)
    expect([(await first).code, (await elsewhere).code]).toEqual([0, 0])
    expect(one.device.violations).toEqual(['two commands at the same time'])
  })
})
