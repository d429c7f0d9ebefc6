import type { Device } from './device.ts'
import { localOf } from './local-time.ts'
import { uidOf } from './names.ts'

/** GetDevInfo. Older devices do not say their uid here. */
export function devInfo(device: Device) {
  const { model, type, exactType, firmVer, hardVer, channelNum } = device.profile
  const camera = type === 'IPC'
  return {
    DevInfo: {
      ...{ B485: 0, IOInputNum: 0, IOOutputNum: 0, audioNum: channelNum, buildDay: `build ${firmVer.slice(-8)}` },
      ...{ cfgVer: 'v3.1.0.0', channelNum, detail: `${hardVer}00000001`, diskNum: 1, exactType, firmVer },
      ...{ frameworkVer: 1, hardVer, itemNo: model, model, name: device.world.name, pakSuffix: 'pak,paks' },
      ...{ serial: camera ? '00000000000000' : '000000000000001', type, wifi: 0 },
      ...(camera ? {} : { uid: deviceUid(device) }),
    },
  }
}

export const deviceUid = (device: Device) => uidOf(`${device.switches.profile} ${device.world.name}`)

/** GetTime: the wall clock, summer time included, and the rule. */
export function time(device: Device) {
  const { zone } = device
  const { dst } = zone
  const edge = (name: 'start' | 'end') => {
    const { mon, week, weekday, hour } = dst?.[name] ?? { mon: 3, week: 2, weekday: 0, hour: 2 }
    return {
      ...{ [`${name}Mon`]: mon, [`${name}Week`]: week, [`${name}Weekday`]: weekday, [`${name}Hour`]: hour },
      ...{ [`${name}Min`]: 0, [`${name}Sec`]: 0 },
    }
  }
  return {
    Dst: { enable: dst ? 1 : 0, offset: dst?.offset ?? 1, ...edge('start'), ...edge('end') },
    Time: { ...localOf(zone, device.ownTime()), hourFmt: 0, timeFmt: 'DD/MM/YYYY', timeZone: zone.timeZone },
  }
}

/** GetChannelstatus of recorders and hubs; what is offline has an empty name. */
export function channelStatus(device: Device) {
  const hub = device.profile.type === 'HOMEHUB'
  const status = device.world.channels.map(({ channel, name, uid, online = true, typeInfo = '' }) => ({
    ...{ channel, name: online ? name : '', online: online ? 1 : 0 },
    ...(hub ? { sleep: 0 } : { typeInfo: online ? typeInfo : '' }),
    uid: online ? (uid ?? uidOf(name)) : '',
  }))
  return { count: status.length, status }
}

export function ability(device: Device) {
  const right = (ver: number, permit = 6) => ({ permit, ver })
  const { fragments, names } = device.profile
  const channel = {
    ...{ snap: right(1), live: right(2), mainEncType: right(0, 0), recCfg: right(1), recSchedule: right(2) },
    ...{ recReplay: right(1), recDownload: right(1), supportAutoTrackStream: right(0, 0) },
  }
  const online = device.world.channels.map(({ channel }) => channel)
  const count = Math.max(1, ...online.map((one) => one + 1))
  return {
    Ability: {
      ...{ time: right(1), scheduleVersion: right(names === 'files' || fragments !== 'none' ? 1 : 2) },
      ...{
        sdCard: right(1),
        supportHttpEnable: right(1, 0),
        devInfo: right(1),
        online: right(1),
        disconnect: right(1),
      },
      ...{ reboot: right(1), disk: right(1), netPort: right(1), localLink: right(1), p2p: right(1) },
      abilityChn: Array.from({ length: count }, () => channel),
    },
  }
}

export function netPort() {
  return {
    NetPort: {
      ...{ httpEnable: 1, httpPort: 80, httpsEnable: 1, httpsPort: 443, mediaPort: 9000 },
      ...{ onvifEnable: 0, onvifPort: 8000, rtmpEnable: 0, rtmpPort: 1935, rtspEnable: 0, rtspPort: 554 },
    },
  }
}

export function disks(device: Device) {
  const camera = device.profile.type === 'IPC'
  const disk = { capacity: 60_874, format: 1, mount: 1, size: 41_220, storageType: camera ? 2 : 1 }
  return { HddInfo: [camera ? { ...disk, id: 0 } : { ...disk, number: 0 }] }
}

export function recording(channel: number) {
  const always = '1'.repeat(168)
  return {
    Rec: {
      ...{ enable: 1, overwrite: 1, packTime: '15 Minutes', postRec: '1 Minute', preRec: 1, saveDay: 30 },
      schedule: { channel, table: { MD: always, TIMING: always } },
    },
  }
}

export function localLink(device: Device) {
  const digits = deviceUid(device).slice(-6)
  return {
    LocalLink: {
      ...{ activeLink: 'LAN', mac: `ec:71:db:${digits.match(/../g)!.join(':').toLowerCase()}`, type: 'DHCP' },
      dns: { auto: 1, dns1: '192.0.2.1', dns2: '192.0.2.1' },
      static: { gateway: '192.0.2.1', ip: '192.0.2.20', mask: '255.255.255.0' },
    },
  }
}
