/** What a version does, so that nothing else compares version numbers. */
export interface Dialect {
  readonly version: string
  readonly app: 'timelapse2' | 'timelapseme'
  /** Starts and ends with a slash. */
  readonly path: string
  readonly container: 'avi' | 'mp4'
  /** `%XX` and `+` in a query mean something. */
  readonly decodesQueries: boolean
  /** A JSON reply of 4096 bytes or more arrives as 200 with nothing in it. */
  readonly losesLongJson: boolean
  /** Deleting an archive answers 404 although it works. */
  readonly deleteSaysNotFound: boolean
  readonly ranges: boolean
  /** Status of declared nodes before the application is ready. */
  readonly startupStatus: 404 | 503
  /** The RIFF size of an archive is 16 too large. */
  readonly riffExcess: boolean
  readonly nameHasTime: boolean
  /** The list carries the time of archiving too. */
  readonly listHasArchiveTime: boolean
  readonly refusesPathNames: boolean
  /** The connection breaks when nobody reads for so long; 0 waits. */
  readonly writeTimeoutMs: number
  readonly hasArchives: boolean
}

/** `timelapseme`, or a version of Timelapse2 such as `1.1.2` or `3.1.4`. */
export function dialectOf(version: string): Dialect {
  const me = version === 'timelapseme'
  const at = (...wanted: readonly number[]) => !me && compare(numbersOf(version), wanted) >= 0
  const mp4 = at(3)
  return {
    version,
    app: me ? 'timelapseme' : 'timelapse2',
    path: me ? '/local/timelapseme/' : '/local/timelapse2/',
    container: mp4 ? 'mp4' : 'avi',
    decodesQueries: me || at(3, 1, 3),
    losesLongJson: !me && !at(1, 1, 3),
    deleteSaysNotFound: !me && !at(1, 1, 3),
    ranges: at(3, 1, 1),
    startupStatus: at(3, 1, 1) ? 503 : 404,
    riffExcess: at(1, 0, 2) && !at(1, 1, 3),
    nameHasTime: me || at(1, 0, 1),
    listHasArchiveTime: at(1, 0, 0) && !at(1, 0, 1),
    refusesPathNames: me || at(3, 1, 3),
    writeTimeoutMs: at(3, 1, 4) ? 2000 : 0,
    hasArchives: me || at(1, 0, 0),
  }
}

function numbersOf(version: string): number[] {
  return version.split('.').map(Number)
}

function compare(left: readonly number[], right: readonly number[]): number {
  for (let index = 0; index < 3; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
