import { type Call, sendJson } from '../call.ts'
import { fail } from '../failing.ts'
import type { WorldCamera } from '../world.ts'
import { lastTokenOf, pageOf, refused } from './arguments.ts'
import { badArgument, notFound } from './errors.ts'

const includes = [
  ...['status', 'locationSummary', 'deviceAddress', 'timeZone', 'notes', 'tags', 'devicePosition', 'networkInfo'],
  ...['deviceInfo', 'firmware', 'visibleByBridges', 'capabilities', 'effectivePermissions', 'shareDetails', 'analog'],
  ...['packages', 'dewarpConfig', 'adminCredentials', 'publicSafetySharing', 'enabledAnalytics', 'qRelevance'],
]

const filters = [
  ...['id__in', 'id__notIn', 'name', 'name__in', 'name__contains', 'locationId__in', 'bridgeId__in', 'tags__any'],
  ...['tags__contains', 'status__in', 'shareDetails.shared', 'q', 'layoutId'],
]

/** `GET /cameras`. */
export async function cameras(call: Call): Promise<void> {
  const { cloud, query } = call
  if (await refused(call, { optional: ['include', ...filters], sortable: ['name', 'id'], paged: true })) return
  const strange = query.list('include').find((name) => !includes.includes(name))
  if (strange !== undefined) return badArgument(call, 'invalidArgument', 'include', `Unknown include '${strange}'`)
  const { devicesFailN, listFailStatus } = cloud.switches
  if (devicesFailN > 0 && cloud.countedBefore('devices') < devicesFailN) return fail(call, listFailStatus)
  const attached = attachedTo(call)
  const [field, down] = [
    query.get('sort')?.slice(1) === 'id' ? 'id' : 'name',
    query.get('sort')?.startsWith('-'),
  ] as const
  const order = (a: WorldCamera, b: WorldCamera) =>
    a.spec[field] < b.spec[field] ? -1 : a.spec[field] > b.spec[field] ? 1 : 0
  const found = attached.filter((camera) => isWanted(call, camera)).sort((a, b) => (down ? order(b, a) : order(a, b)))
  const page = pageOf(call, found, lastTokenOf(call, 'other'))
  if (!page) return badArgument(call, 'invalidArgument', 'pageToken', 'The page token is not valid')
  // The total counts everything, whatever the filter.
  const results = page.results.map((one) => cameraOf(call, one))
  return sendJson(call, 200, { ...page, results, totalSize: attached.length })
}

/** `GET /cameras/{id}`. */
export async function camera(call: Call, id: string): Promise<void> {
  if (await refused(call, { optional: ['include'] })) return
  const found = attachedTo(call).find(({ spec }) => spec.id === id)
  return found ? sendJson(call, 200, cameraOf(call, found)) : notFound(call, 'The camera')
}

const attachedTo = ({ cloud }: Call) => cloud.cameras.filter(({ spec }) => (spec.serviceStatus ?? 'ATTD') === 'ATTD')

function isWanted({ query }: Call, camera: WorldCamera): boolean {
  const { id, name, bridgeId, shared = false } = camera.spec
  const has = (argument: string, value: string) =>
    query.get(argument) === undefined || query.list(argument).includes(value)
  const contains = query.get('name__contains') ?? query.get('q') ?? ''
  return (
    has('id__in', id) &&
    !query.list('id__notIn').includes(id) &&
    (query.get('name') ?? name) === name &&
    has('name__in', name) &&
    name.toLowerCase().includes(contains.toLowerCase()) &&
    has('bridgeId__in', bridgeId) &&
    has('status__in', connectionOf(camera)) &&
    (query.get('shareDetails.shared') ?? String(shared)) === String(shared)
  )
}

const connectionOf = ({ spec, bridge }: WorldCamera) =>
  bridge.online === false ? 'bridgeOffline' : spec.online === false ? 'deviceOffline' : 'online'

function cameraOf(call: Call, one: WorldCamera) {
  const { cloud, query } = call
  const { spec, bridge } = one
  const asked = new Set(query.list('include'))
  const may = !cloud.mayNot(one)
  const more: Record<string, unknown> = {
    status: { connectionStatus: connectionOf(one) },
    timeZone: { zone: spec.timeZone ?? 'America/Chicago' },
    effectivePermissions: { viewPreviewVideo: true, viewLiveVideo: true, viewHistoricVideo: may, downloadVideo: may },
    shareDetails: { shared: spec.shared ?? false },
    tags: [],
    notes: '',
  }
  return {
    ...{ id: spec.id, accountId: cloud.world.accountId, name: spec.name, bridgeId: bridge.id },
    ...{ createTimestamp: '2025-01-07T15:04:05.000+00:00', locationId: null, multiCameraId: null },
    ...Object.fromEntries(Object.entries(more).filter(([name]) => asked.has(name))),
  }
}
