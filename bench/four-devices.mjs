// Four pretend cameras in one process, until standard input closes. First line: where they are; last line: what they saw.
import { reolinkZones, startReolink } from '../packages/simulators/src/reolink/index.ts'

const devices = await Promise.all(
  ['Gate', 'Yard', 'Roof', 'Hall'].map((name) =>
    startReolink({
      // A tenth of the time that a real one takes.
      switches: { snapLatency: 10 },
      world: { name, zone: reolinkZones.utc, channels: [{ channel: 0, name, recordings: [] }] },
    }),
  ),
)
console.log(JSON.stringify({ hosts: devices.map(({ host }) => host), env: devices[0].env }))
await new Promise((resolve) => process.stdin.on('end', resolve).resume())
const shots = devices.flatMap((device) =>
  device.requests.filter(({ node }) => node === 'Snap').map(({ startedAt }) => startedAt),
)
const sessionsOpen = devices.reduce((sum, device) => sum + device.truth().sessions.open, 0)
console.log(JSON.stringify({ shots, sessionsOpen, violations: devices.flatMap(({ violations }) => violations) }))
await Promise.all(devices.map((device) => device.close()))
