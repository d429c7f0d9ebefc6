import { type CommandTools, localTime } from '@cam/cli-kit'
import type { Camera, CaptureEvent } from '@cam/download-core'

/** How long a camera has been failing. */
interface Row {
  count: number
  readonly since: number
}

/** Lines for people, and with --json objects of their own. A camera that is away for days fills no disk with lines about that. */
export function teller(
  { report, timeZone, flags }: CommandTools,
  hosts: readonly string[],
): (event: CaptureEvent) => void {
  const rows = new Map<string, Row>()
  const quiet = flags.on('quiet')
  const time = (at: number) => localTime(at, timeZone)
  const line = (text: string) => (quiet ? undefined : text)
  const isTold = (count: number) => count <= 3 || /^[125]0*$/.test(String(count))

  function slot(event: Extract<CaptureEvent, { type: 'slot' }>): void {
    const { camera, outcome, lateMs } = event
    const key = `${camera.id} ${camera.name}`
    const at = new Date(event.slot).toISOString()
    const about = { camera: camera.name, cameraId: camera.id, slot: at, lateMs: Math.round(lateMs) }
    const row = rows.get(key)
    if (outcome.outcome === 'kept') {
      const { path, bytes, sha256 } = outcome
      rows.delete(key)
      if (row) {
        report.item(
          'camera-back',
          { camera: camera.name, cameraId: camera.id, failed: row.count },
          line(`BACK  ${nameOf(camera)}: ${row.count} picture(s) failed since ${time(row.since)}`),
        )
      }
      report.item('slot', { ...about, outcome: 'kept', path, bytes, sha256 }, line(`SAVE  ${path}`))
      return
    }
    const now = row ?? { count: 0, since: event.slot }
    now.count++
    rows.set(key, now)
    const { code, message } = outcome
    const again = now.count > 3 ? ` (${now.count} in a row, since ${time(now.since)})` : ''
    report.item(
      'slot',
      { ...about, outcome: 'failed', code, message },
      isTold(now.count) ? `FAIL  ${nameOf(camera)} ${time(event.slot)}: ${message}${again}` : undefined,
      'err',
    )
  }

  return (event) => {
    if (event.type === 'capture-started') {
      const { source, vendor, cameras, runId } = event
      const names = cameras.map(nameOf).join(', ')
      report.item(
        'capture-started',
        { runId, vendor, source, cameras: cameras.map(({ id, name }) => ({ id, name })) },
        line(`INFO  ${source.name}: ${names}`),
      )
    }
    if (event.type === 'device-not-reached') {
      const { device, error, inMs } = event
      const fields = { host: hosts[device], code: error.code, message: error.message, askAgainInMs: inMs }
      report.item(
        'device-not-reached',
        fields,
        `WARN  ${hosts[device]}: ${error.message} It is asked again in ${Math.round(inMs / 1000)} s.`,
        'err',
      )
    }
    if (event.type === 'interrupted-run-found') {
      report.item(
        'interrupted-run-found',
        { runId: event.run.id },
        line('INFO  The run before this one ended without a word: killed, or the power failed.'),
      )
    }
    if (event.type === 'slot') slot(event)
    if (event.type === 'slots-missed') {
      const { camera, from, to, count, why } = event
      const fields = {
        camera: camera.name,
        cameraId: camera.id,
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
        count,
        why,
      }
      const span = count === 1 ? time(from) : `${time(from)} to ${time(to)}`
      report.item('slots-missed', fields, `MISS  ${nameOf(camera)}: ${count} picture(s), ${span}: ${why}`, 'err')
    }
    if (event.type === 'notice') report.warning(event.text)
    if (event.type === 'stopping') {
      const { reason, error, source } = event
      report.item(
        'stopping',
        { reason, ...(error ? { code: error.code } : {}), ...(source ? { source } : {}) },
        `ERROR ${source ? `${source.name}: ` : ''}${reason}`,
        'err',
      )
    }
    if (event.type === 'capture-ended') {
      const { type, ...sum } = event
      const { planned, kept, failed, missed } = sum
      report.item(
        type,
        { ...sum },
        `Done: ${planned} picture(s) due, ${kept} kept, ${failed} failed${missed > 0 ? `, of which ${missed} nobody asked for` : ''}.`,
      )
    }
  }
}

function nameOf({ name, id }: Pick<Camera, 'name' | 'id'>): string {
  return name || id
}
