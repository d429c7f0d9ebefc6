/** Cameras as a request names them, by the name they have here. */
const inputs = {
  road: 'dashcamRoadFacing',
  driver: 'dashcamDriverFacing',
  analog1: 'analog1',
  analog2: 'analog2',
  analog3: 'analog3',
  analog4: 'analog4',
} as const

const roles = [
  ...['leftMirrorMount', 'leftSide', 'rightMirrorMount', 'rightSide', 'rearHigh', 'rearBumper', 'inCab', 'front'],
  ...['hopper', 'other1', 'other2', 'other3', 'other4', 'leftBev', 'rightBev', 'rearBev', 'frontBev', 'otherBev'],
  'bevNotUsed',
] as const

/** One camera of a vehicle: of the dashcam, at a wired input, or by its role on an AHD4 auxiliary camera. */
export type View =
  | keyof typeof inputs
  | 'leftMirrorMount'
  | 'leftSide'
  | 'rightMirrorMount'
  | 'rightSide'
  | 'rearHigh'
  | 'rearBumper'
  | 'inCab'
  | 'front'
  | 'hopper'
  | 'other1'
  | 'other2'
  | 'other3'
  | 'other4'
  | 'leftBev'
  | 'rightBev'
  | 'rearBev'
  | 'frontBev'
  | 'otherBev'
  | 'bevNotUsed'

/** Every view there is, in the order in which an order names them. */
export const views: readonly View[] = [
  ...(Object.keys(inputs) as (keyof typeof inputs)[]),
  ...(roles as readonly View[]),
]

/** Whether a word names a view. */
export function isView(value: unknown): value is View {
  return views.includes(value as View)
}

/** In the order in which an order names them, each once. */
export function inOrder(some: Iterable<View>): View[] {
  const wanted = new Set(some)
  return views.filter((view) => wanted.has(view))
}

/** How a request names these views. PROTOCOL.md §4. */
export function named(some: readonly View[]): { readonly inputs: string[]; readonly cameraRoles: string[] } {
  const own = (view: View): view is keyof typeof inputs => Object.hasOwn(inputs, view)
  return {
    inputs: some.flatMap((view) => (own(view) ? inputs[view] : [])),
    cameraRoles: some.filter((view) => !own(view)),
  }
}

const synonyms: Readonly<Record<string, View>> = {
  dashcamRoadFacing: 'road',
  dashcamForwardFacing: 'road',
  dashcamDriverFacing: 'driver',
  dashcamInwardFacing: 'driver',
}

/** The views that an entry of a reply is: its input, and its role where it has one. Both vocabularies. PROTOCOL.md §3. */
export function viewsOf(input: unknown, cameraRole: unknown): View[] {
  const word = typeof input === 'string' && Object.hasOwn(synonyms, input) ? synonyms[input] : input
  return [word, cameraRole].filter(isView)
}
