// The bugs of docs/silent-loss.md, each as an edit of our own sources and the tests that have to notice it.
const core = 'packages/download-core/src'
const coreTests = 'packages/download-core/test'
const unifi = 'packages/unifi-protect'
const reolink = 'packages/reolink'
const unifiLossTests = [`${unifi}/test/silent-loss.test.ts`]
const archiveTests = [`${coreTests}/archive/silent-loss.test.ts`]

/** `edits`: `find` occurs exactly once in `file`. `pattern`: only tests with such names, to be quick. */
export const mutations = [
  {
    name: 'silent-loss 1',
    bug: 'a failed recording counts as done in the next run',
    edits: [
      {
        file: `${core}/archive/decide.ts`,
        find: "known?.outcome === 'expired') && !how.overwrite",
        replace: "known?.outcome === 'expired' || known?.outcome === 'failed') && !how.overwrite",
      },
    ],
    tests: archiveTests,
    pattern: 'silent-loss 1:',
  },
  {
    name: 'silent-loss 1, in the sum',
    bug: 'a failure is counted as kept',
    edits: [
      {
        file: `${core}/archive/tally.ts`,
        find: '    default:\n      return outcome.outcome',
        replace: "    case 'failed':\n      return 'kept'\n    default:\n      return outcome.outcome",
      },
    ],
    tests: archiveTests,
    pattern: 'silent-loss 1:',
  },
  {
    name: 'silent-loss 2',
    bug: 'what is known already, kept or not, is never planned again',
    edits: [
      {
        file: `${core}/archive/plan-camera.ts`,
        find: '      recordings.set(text, { key, camera, recording, ...(row ? { row } : {}) })',
        replace: '      if (!row) recordings.set(text, { key, camera, recording })',
      },
    ],
    tests: archiveTests,
    pattern: 'silent-loss 2:',
  },
  {
    name: 'silent-loss 3',
    bug: 'a file that stands at the target is taken for the recording',
    edits: [
      {
        file: `${core}/archive/adopt.ts`,
        find: '  const proved = await proveExisting(how.fileSystem, path, task.recording)',
        replace:
          "  const proved = { bytes: 1, sha256: '', proof: { by: 'repeat' }, covers: [], facts: {}, fidelity: 'full' } as never",
      },
      {
        file: `${core}/archive/adopt.ts`,
        find: '  if (!task.recording.checksum) {',
        replace: '  if (task.recording.checksum) {',
      },
    ],
    tests: archiveTests,
    pattern: 'silent-loss 3:',
  },
  {
    name: 'silent-loss 3, later',
    bug: 'a kept file that was cut short since counts as kept because it exists',
    edits: [
      {
        file: `${core}/archive/decide.ts`,
        find: "if (found.kind !== 'file' || found.bytes !== file.bytes) return 'altered'",
        replace: "if (found) return 'intact'",
      },
    ],
    tests: [`${coreTests}/archive/archive.test.ts`],
  },
  {
    name: 'silent-loss 4',
    bug: 'a body that ends early is taken for the whole',
    edits: [
      {
        file: `${core}/http/body.ts`,
        find: "    if (state !== 'open') return\n    fail(",
        replace:
          "    if (state !== 'open') return\n    ;(receivedBytes >= 0 ? settle.bind(undefined, 'ended') : fail)(",
      },
      { file: `${core}/transfer/receive.ts`, find: 'if (most !== undefined && at < most) {', replace: 'if (at < 0) {' },
      { file: `${core}/transfer/verify.ts`, find: 'if (length.bytes === bytes) continue', replace: 'continue' },
      {
        file: `${core}/transfer/verify.ts`,
        find: 'if (report?.missing) {',
        replace: 'if (report?.missing && bytes < 0) {',
      },
    ],
    tests: archiveTests,
    pattern: 'silent-loss 4:',
  },
  {
    name: 'silent-loss 5',
    bug: 'a 200 in answer to a range is appended to the part',
    edits: [
      {
        file: `${core}/http/open-body.ts`,
        find: '    if (!unchanged) return {}\n',
        replace:
          '    if (!unchanged) return { range: { start: from.byte, end: 2 ** 40, total: undefined } as never }\n',
      },
    ],
    tests: [`${coreTests}/http/open-body.test.ts`],
  },
  {
    name: 'silent-loss 5, at the seam',
    bug: 'a server that lies about the version is believed: the seam is not compared',
    edits: [
      {
        file: `${core}/transfer/receive.ts`,
        find: "if (known > 0 && !(await equals(part, at, wanted.subarray(0, known)))) return 'differs'",
        replace: 'await equals(part, at, wanted.subarray(0, 0))',
      },
    ],
    tests: [`${coreTests}/transfer/resume.test.ts`],
  },
  {
    name: 'silent-loss 7',
    bug: 'an empty reply to a long list is taken for an empty camera',
    edits: [
      {
        file: 'packages/axis-timelapse2/src/client/timelapse2.ts',
        find: 'if (answer.bytes.byteLength === 0) return readIndex(signal)',
        replace: 'if (answer.bytes.byteLength === 0 && readIndex) return []',
      },
    ],
    tests: ['packages/axis-timelapse2/test/listing.test.ts'],
  },
  {
    name: 'silent-loss 7, in the core',
    bug: 'a list is planned up to a limit',
    edits: [
      {
        file: `${core}/archive/listing.ts`,
        find: '        if (!window || !item.window || overlaps(item.window, window)) recordings.push(item)',
        replace:
          '        if ((!window || !item.window || overlaps(item.window, window)) && recordings.length < 500) recordings.push(item)',
      },
    ],
    tests: archiveTests,
    pattern: 'silent-loss 7:',
  },
  {
    name: 'silent-loss 11',
    bug: 'a slow disk lets the whole recording pile up in memory',
    edits: [
      {
        file: `${core}/transfer/gather.ts`,
        find: 'return queued >= mostQueued ? makeRoom() : undefined',
        replace: 'return queued < 0 ? makeRoom() : undefined',
      },
    ],
    tests: [`${coreTests}/transfer/transfer.test.ts`],
  },
  {
    name: 'silent-loss 14',
    bug: 'an archive whose disk is not mounted is begun anew on the disk below',
    edits: [
      {
        file: `${core}/archive/folder.ts`,
        find: 'if (known === undefined || found === known || acceptNewArchive) return { known, found }',
        replace: 'if (known !== "") return { known, found }',
      },
    ],
    tests: archiveTests,
    pattern: 'silent-loss 14:',
  },
  {
    name: 'silent-loss 14, in mid-run',
    bug: 'nobody looks again whether the disk is still the same',
    edits: [
      {
        file: `${core}/archive/folder.ts`,
        find: '  if ((await readMarker(fileSystem, root)) === id) return\n',
        replace: '  if (id !== "") return\n',
      },
    ],
    tests: archiveTests,
    pattern: 'silent-loss 14:',
  },
  {
    name: 'silent-loss 20',
    bug: 'what an Axis camera cut off cleanly is kept: lengths from the list and structure are not looked at',
    edits: [
      { file: `${core}/transfer/receive.ts`, find: 'if (most !== undefined && at < most) {', replace: 'if (at < 0) {' },
      { file: `${core}/transfer/verify.ts`, find: 'if (length.bytes === bytes) continue', replace: 'continue' },
      {
        file: `${core}/transfer/verify.ts`,
        find: 'if (report?.missing) {',
        replace: 'if (report?.missing && bytes < 0) {',
      },
      {
        file: `${core}/transfer/verify.ts`,
        find: '  const fidelity = compare(report, recording)',
        replace: "  const fidelity = 'full' as const",
      },
      {
        file: `${core}/transfer/verify.ts`,
        find: 'import { compare, printable }',
        replace: 'import { printable }',
      },
    ],
    tests: ['packages/axis-timelapse2/test/archive.test.ts'],
    pattern: 'always ending cleanly too early',
  },
  {
    name: 'silent-loss 21',
    bug: '`--max-retries 0` means not even one try, and what was not tried counts as downloaded',
    edits: [
      {
        file: `${core}/archive/keep.ts`,
        find: '    let step = await running.next()\n',
        replace:
          "    if (how.retry.retries === 0) return { outcome: { outcome: 'skipped', reason: 'no tries left' } }\n    let step = await running.next()\n",
      },
    ],
    tests: ['apps/axis-timelapse2-cli/test/download.test.ts'],
    pattern: 'with one failure',
  },
  {
    name: 'silent-loss 22',
    bug: 'the second of two recordings with one name gets the same path',
    edits: [
      {
        file: `${core}/archive/paths.ts`,
        find: 'if (owner && keyText(owner) !== us) break',
        replace: 'void owner',
      },
      {
        file: `${core}/archive/paths.ts`,
        find: 'if ((claimed.get(foldPath(path)) ?? us) !== us) {',
        replace: 'if (us.length < 0) {',
      },
      {
        file: `${core}/archive/adopt.ts`,
        find: '  const proved = await proveExisting(how.fileSystem, path, task.recording)\n',
        replace:
          "  if (path) return { outcome: { outcome: 'skipped', reason: 'already exists' } }\n  const proved = await proveExisting(how.fileSystem, path, task.recording)\n",
      },
    ],
    tests: archiveTests,
    pattern: 'silent-loss 22:',
  },
  {
    name: 'silent-loss 23',
    bug: 'a refused password is tried again with every request',
    edits: [
      {
        file: `${core}/http/authenticate.ts`,
        find: '        failIfRefused()\n      }\n      if (tries > refusals)',
        replace:
          '        const said = refusal\n        refusal = undefined\n        throw new AuthenticationError(said, { httpStatus: 401 })\n      }\n      if (tries > refusals)',
      },
    ],
    tests: [`${coreTests}/http/authentication.test.ts`],
    pattern: 'wrong password',
  },
  {
    name: 'silent-loss 27',
    bug: 'a recording is identified without its camera',
    edits: [
      {
        file: `${core}/archive/keys.ts`,
        find: "{ sourceId, cameraId: recording.cameraId, view: recording.view ?? '', recordingId: recording.id }",
        replace: "{ sourceId, cameraId: '', view: recording.view ?? '', recordingId: recording.id }",
      },
    ],
    tests: archiveTests,
    pattern: 'silent-loss 27:',
  },
  {
    name: 'silent-loss 28',
    bug: 'a local time is read in UTC whatever the zone',
    edits: [
      {
        file: 'packages/cli-kit/src/flags/moment.ts',
        find: "  const earlier = moment.dateTime.toZonedDateTime(timeZone, { disambiguation: 'earlier' })",
        replace:
          "  timeZone = 'UTC'\n  const earlier = moment.dateTime.toZonedDateTime(timeZone, { disambiguation: 'earlier' })",
      },
    ],
    tests: ['packages/cli-kit/test/moment.test.ts'],
  },
  {
    name: 'silent-loss 33',
    bug: 'a camera whose list failed has no row and no part in the sum',
    edits: [
      {
        file: `${core}/archive/plan-camera.ts`,
        find: '    stretches.set(keyText(key), { row, outcome: failedOf(error, 1) })',
        replace: '    if (row.kind !== "listing") stretches.set(keyText(key), { row, outcome: failedOf(error, 1) })',
      },
    ],
    tests: archiveTests,
    pattern: 'silent-loss 33:',
  },
  {
    name: 'silent-loss 34',
    bug: 'recordings of two devices at one address share their rows',
    edits: [
      {
        file: `${core}/archive/keys.ts`,
        find: 'return { sourceId, cameraId: recording.cameraId,',
        replace: "return { sourceId: sourceId && 'camera', cameraId: recording.cameraId,",
      },
    ],
    tests: archiveTests,
    pattern: 'silent-loss 34:',
  },
  {
    name: 'the promise',
    bug: 'the ledger says kept before the folder is synced',
    edits: [
      {
        file: `${core}/archive/recorder.ts`,
        find: '    const durable = await syncFolders(batch, fileSystem)',
        replace: '    const durable = batch\n    void syncFolders',
      },
    ],
    tests: [`${coreTests}/archive/archive.test.ts`],
  },
  {
    name: 'the order',
    bug: 'the part is not flushed before it gets its name',
    edits: [
      {
        file: `${core}/transfer/part-file.ts`,
        find: '      await data.sync()\n      committed = written.bytes\n      finished = end',
        replace: '      committed = written.bytes\n      finished = end',
      },
    ],
    tests: [`${coreTests}/transfer/power.test.ts`],
  },
  {
    name: 'covers, holes',
    bug: 'a hole in a film counts as footage',
    edits: [
      {
        file: `${core}/transfer/container/mp4-runs.ts`,
        find: 'if (ticks <= hole) {',
        replace: 'if (ticks >= 0) {',
      },
    ],
    tests: [`${coreTests}/transfer/covers.test.ts`],
  },
  {
    name: 'covers, one of several places',
    bug: 'where a film might lie in several places the first one is believed',
    edits: [
      {
        file: `${core}/transfer/covers.ts`,
        find: 'if (anchors.length === 1) return',
        replace: 'if (anchors.length >= 1) return',
      },
    ],
    tests: [`${coreTests}/transfer/covers.test.ts`],
  },
  {
    name: 'covers, stitched',
    bug: 'stitched footage that lacks a piece is taken for all of it',
    edits: [
      {
        file: `${core}/transfer/covers.ts`,
        find: 'return length > sum - shortest + tolerance * (hints.length - 1)',
        replace: 'return length > sum - shortest / 2',
      },
    ],
    tests: [`${coreTests}/transfer/covers.test.ts`],
  },
  {
    name: 'covers, joined',
    bug: 'a film without a pause is taken for unbroken footage, though it may be pieces that were joined',
    edits: [
      {
        file: `${core}/transfer/covers.ts`,
        find: 'const timed = keepsTime(runs, tolerance)',
        replace: 'const timed = runs.length > 0',
      },
    ],
    tests: [`${coreTests}/transfer/covers.test.ts`],
  },
  {
    name: 'covers, joined, by the index',
    bug: 'where the file says that it was made, it is placed where the index of the vendor has no footage',
    edits: [
      {
        file: `${core}/transfer/covers.ts`,
        find: '(hints.length === 0 || within(at(start), hints, tolerance)) &&',
        replace: '(hints.length >= 0 || within(at(start), hints, tolerance)) &&',
      },
    ],
    tests: [`${coreTests}/transfer/covers.test.ts`],
  },
  {
    name: 'covers, no picture',
    bug: 'a film without a picture is kept, because its length is right',
    edits: [
      {
        file: `${core}/transfer/verify.ts`,
        find: 'if (report?.empty) return',
        replace: 'if (report?.empty && bytes < 0) return',
      },
    ],
    tests: [`${coreTests}/transfer/covers.test.ts`],
  },
  {
    name: 'covers, in the coverage',
    bug: 'a file of which nothing can be placed counts as the whole hour',
    edits: [
      {
        file: `${core}/archive/coverage.ts`,
        find: "if (stateOf(row) === 'kept') return file.covers",
        replace: "if (stateOf(row) === 'kept' && file.covers.length > 0) return file.covers",
      },
    ],
    tests: [`${coreTests}/archive/coverage.test.ts`],
  },
  {
    name: 'covers, in the coverage, of a part',
    bug: 'footage that a part may hold counts as absent, because the whole does not hold it',
    edits: [
      {
        file: `${core}/archive/coverage.ts`,
        find: '.sort((a, b) => lengthOf(a) - lengthOf(b))',
        replace: '.sort((a, b) => lengthOf(b) - lengthOf(a))',
      },
    ],
    tests: [`${coreTests}/archive/coverage.test.ts`],
  },
  {
    name: 'covers, in parts',
    bug: 'what nothing places is only halved: where a camera went off, minutes stay unknown',
    edits: [
      {
        file: `${core}/archive/missing.ts`,
        find: 'if (short || cut >= length / 4) return',
        replace: 'if (length < 0) return',
      },
    ],
    tests: [`${coreTests}/archive/missing.test.ts`],
  },
  {
    name: 'patience',
    bug: 'a source that renders first is given up before it can answer',
    edits: [
      {
        file: `${core}/archive/archive.ts`,
        find: 'const { idleMs = source.patience?.idleMs, openMs = source.patience?.openMs } = options',
        replace: 'const { idleMs, openMs } = options',
      },
    ],
    tests: [`${coreTests}/archive/patience.test.ts`],
  },
  {
    name: 'asking again',
    bug: 'what a console left out of an hour is never asked for',
    edits: [
      {
        file: `${core}/archive/archive.ts`,
        find: ' ?? (yield* watched(askAgain(how, planning, kept), kept))',
        replace: '',
      },
    ],
    tests: [`${coreTests}/archive/ask-again.test.ts`],
  },
  {
    name: 'asking again, in a later run',
    bug: 'what a run could not ask for any more is forgotten by the next one',
    edits: [
      {
        file: `${core}/archive/windows.ts`,
        find: 'windows: [...(window ? fresh : [undefined]), ...again]',
        replace: 'windows: window ? fresh : [undefined]',
      },
    ],
    tests: [`${coreTests}/archive/ask-again.test.ts`],
  },
  {
    name: 'asking again, in the end',
    bug: 'a run that was asked to end goes on asking',
    edits: [
      {
        file: `${core}/archive/ask-again.ts`,
        find: 'return signal.aborted || stopAsked.aborted',
        replace: 'return signal.aborted && stopAsked.aborted',
      },
    ],
    tests: [`${coreTests}/archive/ask-again.test.ts`],
  },
  {
    name: 'asking again, for what is held',
    bug: 'no distance is kept from what is held, so the answer is footage that is held',
    edits: [
      {
        file: `${core}/archive/missing.ts`,
        find: 'return [{ start: before ? start + granularityMs : start, end: after ? end - granularityMs : end }]',
        replace: 'return [{ start, end }]',
      },
    ],
    tests: [`${coreTests}/archive/missing.test.ts`],
  },
  {
    name: 'growing pieces',
    bug: 'a piece that was still growing stays pending for ever',
    edits: [
      {
        file: `${core}/archive/windows.ts`,
        find: 'if (isGrowing(row)) {',
        replace: 'if (row.runId === "") {',
      },
    ],
    tests: [`${coreTests}/archive/pending.test.ts`],
  },
  {
    name: 'silent-loss 6',
    bug: 'whole days fall out of the arithmetic of a window',
    edits: [
      {
        file: `${unifi}/src/client/segments.ts`,
        find: '  const last = Math.floor(window.end)\n',
        replace: '  const last = Math.floor(window.start) + (Math.floor(window.end - window.start) % 86_400_000)\n',
      },
    ],
    tests: unifiLossTests,
  },
  {
    name: 'silent-loss 6, one request',
    bug: 'a window that is not aligned is asked for in one oversized export',
    edits: [
      {
        file: `${unifi}/src/client/segments.ts`,
        find: 'const end = Math.min((Math.floor(start / stepMs) + 1) * stepMs, last)',
        replace: 'const end = start % stepMs === 0 ? Math.min(start + stepMs, last) : last',
      },
    ],
    tests: unifiLossTests,
  },
  {
    name: 'silent-loss 8',
    bug: 'a small stand-in picture is passed off as the recording',
    edits: [
      {
        file: `${unifi}/src/client/continuous.ts`,
        find: '          ...(width !== undefined && { width }),\n          ...(height !== undefined && { height }),\n',
        replace: '',
      },
    ],
    tests: unifiLossTests,
  },
  {
    name: 'silent-loss 9',
    bug: 'a tiny file that means "nothing" is no answer',
    edits: [
      {
        file: `${unifi}/src/client/export.ts`,
        find: 'if (whole && isEmptyMovie(bytes))',
        replace: 'if (!whole && isEmptyMovie(bytes))',
      },
    ],
    tests: unifiLossTests,
  },
  {
    name: 'silent-loss 9, the other way',
    bug: 'any 404 is taken for "nothing was recorded"',
    edits: [
      {
        file: `${unifi}/src/client/export.ts`,
        find: "if (refusal.meaning === 'empty') return",
        replace: "if (refusal.meaning === 'empty' || status === 404) return",
      },
    ],
    tests: [`${unifi}/test/export.test.ts`],
  },
  {
    name: 'silent-loss 10',
    bug: 'a console gets as many exports at once as anybody likes',
    edits: [
      {
        file: `${unifi}/src/source.ts`,
        find: 'limits: { transfers: settings.exports, transfersPerCamera: settings.exports }',
        replace: 'limits: { transfers: 4, transfersPerCamera: 4 }',
      },
    ],
    tests: unifiLossTests,
  },
  {
    name: 'silent-loss 29',
    bug: 'an error of the console counts as an answer, and the run moves past it',
    edits: [
      {
        file: `${unifi}/src/client/export.ts`,
        find: "if (refusal.meaning === 'empty') return",
        replace: "if (refusal.meaning === 'empty' || status >= 500) return",
      },
    ],
    tests: ['apps/unifi-cli/test/sync.test.ts'],
  },
  {
    name: 'silent-loss 30',
    bug: 'the two hours that a change of the clocks makes of one have one name',
    edits: [
      {
        file: 'apps/unifi-cli/src/seed-names.ts',
        find: '{camera}_{start:yyyy-MM-dd--HH-mm-ssxx}_{end:yyyy-MM-dd--HH-mm-ssxx}.{ext}',
        replace: '{camera}_{start:yyyy-MM-dd--HH-mm-ss}_{end:yyyy-MM-dd--HH-mm-ss}.{ext}',
      },
    ],
    tests: ['apps/unifi-cli/test/seed-names.test.ts'],
  },
  {
    name: 'silent-loss 30, as it is read',
    bug: 'of a moment that the clock shows twice, the first is taken without a word',
    edits: [
      {
        file: 'packages/cli-kit/src/flags/moment.ts',
        find: 'if (earlier.epochMilliseconds === later.epochMilliseconds) return',
        replace: 'if (earlier.epochMilliseconds <= later.epochMilliseconds) return',
      },
    ],
    tests: ['apps/unifi-cli/test/refusals.test.ts'],
  },
  {
    name: 'silent-loss 31',
    bug: '--touch-files with --skip-existing-files skips everything',
    edits: [
      {
        file: 'apps/unifi-cli/src/seed-flags.ts',
        find: 'return ({ cameraId, id }) => (failed.has(JSON.stringify([cameraId, id])) ? reason : undefined)',
        replace: 'return () => reason',
      },
    ],
    tests: ['apps/unifi-cli/test/seed-line.test.ts'],
    pattern: 'touch-files',
  },
  {
    name: 'absence without a margin',
    bug: 'what the console has not written down yet counts as never recorded',
    edits: [
      {
        file: `${unifi}/src/client/emptiness.ts`,
        find: 'if (window.end > clock.now() - youngMs) {',
        replace: 'if (window.end > clock.now() + youngMs) {',
      },
    ],
    tests: [`${unifi}/test/export.test.ts`],
  },
  {
    name: 'silent-loss 2, until when was listed',
    bug: 'it is noted before the plan is in the ledger',
    edits: [
      {
        file: 'packages/cli-kit/src/commands/since-last-run.ts',
        find: "if (event.type !== 'planned') return",
        replace: "if (event.type !== 'camera-listed') return",
      },
    ],
    tests: ['packages/cli-kit/test/since-last-run.test.ts'],
  },
  {
    name: 'silent-loss 2, a list that failed',
    bug: 'the camera counts as listed all the same',
    edits: [
      {
        file: 'packages/cli-kit/src/commands/since-last-run.ts',
        find: 'isListed: listed.has(id), isOffline',
        replace: 'isListed: true, isOffline',
      },
    ],
    tests: ['packages/cli-kit/test/since-last-run.test.ts'],
  },
  {
    name: 'silent-loss 2, a hole',
    bug: 'a run with a later --start moves the mark over what lies between',
    edits: [
      {
        file: 'packages/cli-kit/src/commands/since-last-run.ts',
        find: '(mark === undefined || start <= mark)',
        replace: 'true',
      },
    ],
    tests: ['packages/cli-kit/test/since-last-run.test.ts'],
  },
  {
    name: 'silent-loss 2, an earlier end',
    bug: 'a run over last week moves the mark back',
    edits: [
      {
        file: 'packages/cli-kit/src/commands/since-last-run.ts',
        find: 'Math.max(own ?? end, end)',
        replace: 'end',
      },
    ],
    tests: ['packages/cli-kit/test/since-last-run.test.ts'],
  },
  {
    name: 'silent-loss 2, a new camera',
    bug: 'the others move on without a camera whose first list failed',
    edits: [
      {
        file: 'packages/cli-kit/src/commands/since-last-run.ts',
        find: 'else if (own === undefined && Number.isFinite(mark ?? start)) moved.set(id, mark ?? start)',
        replace: '',
      },
    ],
    tests: ['packages/cli-kit/test/since-last-run.test.ts'],
  },
  {
    name: 'silent-loss 2, what was left undone',
    bug: 'what failed or was pending is not asked for once the window has moved on',
    edits: [
      {
        file: 'packages/cli-kit/src/commands/since-last-run.ts',
        find: '...(goesOn ? { alsoFailed: true } : {})',
        replace: '',
      },
    ],
    tests: ['packages/cli-kit/test/since-last-run.test.ts'],
  },
  {
    name: 'silent-loss 6, a clock that jumped back',
    bug: 'a mark in the future is believed',
    edits: [
      {
        file: 'packages/cli-kit/src/commands/since-last-run.ts',
        find: 'if (own !== undefined && own > now) {',
        replace: 'if (own !== undefined && own > now + 1e12) {',
      },
    ],
    tests: ['packages/cli-kit/test/since-last-run.test.ts'],
  },
  {
    name: 'silent-loss 6, a mark from the future',
    bug: 'it stays, and each run begins a look-back before now until then',
    edits: [
      {
        file: 'packages/cli-kit/src/commands/since-last-run.ts',
        find: 'isFuture ? end : Math',
        replace: 'isFuture ? own : Math',
      },
    ],
    tests: ['packages/cli-kit/test/since-last-run.test.ts'],
  },
  {
    name: 'silent-loss 6, an end in the future',
    bug: 'what is still to be recorded counts as listed',
    edits: [
      {
        file: 'packages/cli-kit/src/commands/since-last-run.ts',
        find: 'end: Math.min(end, now)',
        replace: 'end',
      },
    ],
    tests: ['packages/cli-kit/test/since-last-run.test.ts'],
  },
  {
    name: 'footage that appears late',
    bug: 'a run begins where the last one ended, and not before',
    edits: [
      {
        file: 'packages/cli-kit/src/commands/since-last-run.ts',
        find: 'return mark - lookBackMs',
        replace: 'return mark',
      },
    ],
    tests: ['packages/cli-kit/test/since-last-run.test.ts'],
  },
  {
    name: 'damaged marks',
    bug: 'the archive counts as new, and what came since the last run is skipped',
    edits: [
      {
        file: 'packages/cli-kit/src/commands/since-last-run.ts',
        find: 'Math.min(now - firstMs, known - lookBackMs)',
        replace: 'now - firstMs',
      },
    ],
    tests: ['packages/cli-kit/test/since-last-run.test.ts'],
  },
  {
    name: 'silent-loss 19, failed.csv',
    bug: 'what is lost is left out of it',
    edits: [
      {
        file: 'packages/cli-kit/src/report/failed-list.ts',
        find: "outcomes: ['failed', 'lost']",
        replace: "outcomes: ['failed']",
      },
    ],
    tests: ['packages/cli-kit/test/run-log.test.ts'],
  },
  {
    name: 'failed.csv, formulas',
    bug: 'the name of a camera is run as a formula',
    edits: [
      {
        file: 'packages/cli-kit/src/report/failed-list.ts',
        find: 'printable(/^[=+',
        replace: 'printable(/^[',
      },
    ],
    tests: ['packages/cli-kit/test/run-log.test.ts'],
  },
  {
    name: 'logs below an archive that is not mounted',
    bug: 'they are written to the disk below',
    edits: [
      {
        file: 'packages/cli-kit/src/report/log-folder.ts',
        find: '!isBelow || exists(',
        replace: '!isBelow || !exists(',
      },
    ],
    tests: ['packages/cli-kit/test/run-log.test.ts'],
  },
  {
    name: 'silent-loss 15',
    bug: 'a run that could not begin ends with 0',
    edits: [
      {
        file: 'packages/cli-kit/src/explain.ts',
        find: "error.code === 'LOCKED' ? exitCodes.locked : exitCodes.notBegun",
        replace: "error.code === 'LOCKED' ? exitCodes.locked : exitCodes.done",
      },
    ],
    tests: ['apps/eagleeye-cli/test/logs.test.ts'],
    pattern: 'where nobody can be reached',
  },
  {
    name: 'silent-loss 16',
    bug: 'a camera with exactly one clip is skipped',
    edits: [
      {
        file: 'packages/eagleeye/src/client/classic/index.ts',
        find: 'of withoutEchoes(intervals, cutting.settledUntil)) {',
        replace: 'of withoutEchoes(intervals.length > 1 ? intervals : [], cutting.settledUntil)) {',
      },
    ],
    tests: ['apps/eagleeye-cli/test/week.test.ts'],
    pattern: 'through classic',
  },
  {
    name: 'silent-loss 17',
    bug: 'what is still being made is asked for again and again, at once',
    edits: [
      {
        file: 'packages/eagleeye/src/client/classic/open-film.ts',
        find: 'const askAgainAfterMs = 10_000',
        replace: 'const askAgainAfterMs = 1',
      },
    ],
    tests: ['apps/eagleeye-cli/test/faults.test.ts'],
    pattern: '201, then 202 and JSON, for ever',
  },
  {
    name: 'silent-loss 18',
    bug: 'a status that has no word of its own ends the run',
    edits: [
      {
        file: 'packages/eagleeye/src/client/classic/open-film.ts',
        find: '  const { clock } = settings\n  return errorForReply(',
        replace:
          '  const { clock } = settings\n  if (status === 418) throw new TypeError(String(status))\n  return errorForReply(',
      },
    ],
    tests: ['apps/eagleeye-cli/test/faults.test.ts'],
    pattern: '418, a status',
  },
  {
    name: 'silent-loss 19',
    bug: 'failed.csv has only the failures of the last run',
    edits: [
      {
        file: 'packages/cli-kit/src/report/failed-list.ts',
        find: "  for await (const row of ledger.rows({ outcomes: ['failed', 'lost'] })) {\n",
        replace:
          "  const [last] = await ledger.runs({ limit: 1 })\n  for await (const row of ledger.rows({ outcomes: ['failed', 'lost'] })) {\n    if (row.runId !== last?.id) continue\n",
      },
    ],
    tests: ['apps/eagleeye-cli/test/logs.test.ts'],
    pattern: 'failed.csv holds the failures of all runs',
  },
  {
    name: 'notices, a killed run',
    bug: 'a killed run counts as told although nobody heard of it',
    edits: [
      {
        file: 'packages/cli-kit/src/notices/interrupted-runs.ts',
        find: 'delivered ? Math.max(until ?? o.startedAt, ...ends) : (until ?? Math.min(...ends) - 1)',
        replace: 'Math.max(until ?? o.startedAt, ...ends)',
      },
    ],
    tests: ['packages/cli-kit/test/notices.test.ts'],
    pattern: 'is told by the next run, once',
  },
  {
    name: 'notices, the digest',
    bug: 'the digest of a week counts as told although nobody got it',
    edits: [
      {
        file: 'packages/cli-kit/src/notices/weekly-digest.ts',
        find: 'return delivered ? { digestTo: due.to } : undefined',
        replace: 'return { digestTo: due.to }',
      },
    ],
    tests: ['packages/cli-kit/test/digest-and-login.test.ts'],
    pattern: 'again where nobody took it',
  },
  {
    name: 'notices, some recipients',
    bug: 'a digest that a mail server refused for one of two recipients is sent to the other one by every run',
    edits: [
      {
        file: 'packages/cli-kit/src/notices/deliveries.ts',
        find: 'ok || reachedSome)',
        replace: 'ok)',
      },
    ],
    tests: ['packages/cli-kit/test/digest-and-login.test.ts'],
    pattern: 'for some of its recipients only',
  },
  {
    name: '--every, slots',
    bug: 'a slot is run twice when the clock is set back a little',
    edits: [
      {
        file: 'packages/cli-kit/src/repeat/repeat.ts',
        find: 'nextSlot(last - now <= everyMs ? Math.max(last, now) : now, everyMs, timeZone)',
        replace: 'nextSlot(now, everyMs, timeZone)',
      },
    ],
    tests: ['packages/cli-kit/test/every.test.ts'],
    pattern: 'none twice after one that was set back',
  },
  {
    name: 'since the last run, an old list',
    bug: 'an old list that fails again and again keeps the mark of its camera where it is',
    edits: [
      {
        file: 'packages/cli-kit/src/commands/since-last-run.ts',
        find: "    if (event.type !== 'planned') return\n",
        replace:
          "    if (event.type === 'listing-failed') listed.delete(event.camera.id)\n    if (event.type !== 'planned') return\n",
      },
    ],
    tests: ['packages/cli-kit/test/since-last-run.test.ts'],
    pattern: 'where an old list still fails',
  },
  {
    name: 'growth, the rest',
    bug: 'what comes behind a kept recording is not fetched',
    edits: [
      {
        file: `${core}/archive/plan-camera.ts`,
        find: '      due.push(...remainders)\n',
        replace: '',
      },
    ],
    tests: [`${coreTests}/archive/growth.test.ts`],
    pattern: 'is a recording of its own',
  },
  {
    name: 'also failed, pending',
    bug: 'what was pending before the window of a run is not listed anew',
    edits: [
      {
        file: `${core}/archive/also-failed.ts`,
        find: 'outside && isWaiting(row)',
        replace: 'false',
      },
    ],
    tests: [`${coreTests}/archive/also-failed.test.ts`],
    pattern: 'is fetched as it is listed now',
  },
  {
    name: 'eagleeye, an order without an answer',
    bug: 'an export is ordered again without a look whether there is one',
    edits: [
      {
        file: 'packages/eagleeye/src/client/v3/export.ts',
        find: 'asksAnew ? undefined : await jobs.take(recording, state.unanswered, signal)',
        replace: 'undefined',
      },
    ],
    tests: ['packages/eagleeye/test/v3/orders.test.ts'],
    pattern: 'is looked for, and not given a second time',
  },
  {
    name: 'silent-loss 24',
    bug: 'one minute more than the window has is ordered and paid for',
    edits: [
      {
        file: 'packages/samsara/src/wire/piece.ts',
        find: 'start < window.end; start += step',
        replace: 'start <= window.end; start += step',
      },
      {
        file: `${core}/archive/listing.ts`,
        find: 'overlaps(item.window, window)) recordings.push(item)',
        replace: 'item.window.start <= window.end) recordings.push(item)',
      },
    ],
    tests: ['packages/samsara/test/orders.test.ts'],
    pattern: 'silent-loss 24',
  },
  {
    name: 'silent-loss 24, by itself',
    bug: 'a window ends a minute late, and only the core keeps that from being paid for',
    edits: [
      {
        file: 'packages/samsara/src/wire/piece.ts',
        find: 'start < window.end; start += step',
        replace: 'start <= window.end; start += step',
      },
    ],
    tests: ['packages/samsara/test/wire.test.ts'],
    pattern: 'never one more',
  },
  {
    name: 'silent-loss 25, an order that failed',
    bug: 'what failed at the vendor is polled for ever',
    edits: [
      {
        file: 'packages/samsara/src/wire/media.ts',
        find: "const last = ['failed', 'invalid', 'unavailable']",
        replace: 'const last: string[] = []',
      },
    ],
    tests: ['packages/samsara/test/orders.test.ts'],
    pattern: 'silent-loss 25: what failed ends',
  },
  {
    name: 'silent-loss 25, a poll that failed',
    bug: 'a poll that gets no answer ends the wait, as if there were nothing',
    edits: [
      {
        file: 'packages/samsara/src/client/standing.ts',
        find: '  const answer = await ask(order, { api }, signal)\n',
        replace:
          '  const answer = await ask(order, { api }, signal)\n  if (!answer) {\n    for (const one of wanted) yield isAbsent(one, noteOf(order))\n    return\n  }\n',
      },
    ],
    tests: ['packages/samsara/test/orders.test.ts'],
    pattern: 'silent-loss 25: a question about an order',
  },
  {
    name: 'silent-loss 26',
    bug: 'clips are joined in the order in which they were fetched',
    edits: [
      {
        file: 'apps/samsara-cli/src/merge/footage.ts',
        find: 'return [...clips].sort((a, b) => a.start - b.start || (a.path < b.path ? -1 : 1))',
        replace: 'return [...clips]',
      },
      {
        file: 'packages/video-merge/src/clips.ts',
        find: '  if (timed.length > 0) clips.sort((a, b) => a.start! - b.start!)\n',
        replace: '',
      },
      {
        file: 'apps/samsara-cli/src/merge/from-ledger.ts',
        find: '  for await (const row of ledger.rows({ sourceId, ...(window ? { window } : {}) })) {\n',
        replace:
          '  const all: LedgerRow[] = []\n  for await (const row of ledger.rows({ sourceId, ...(window ? { window } : {}) })) all.push(row)\n  for (const row of all.sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0))) {\n',
      },
    ],
    tests: ['apps/samsara-cli/test/merge.test.ts'],
    pattern: 'silent-loss 26: joins each angle',
  },
  {
    name: 'silent-loss 26, in the library',
    bug: 'clips with times are joined in the order in which they are named',
    edits: [
      {
        file: 'packages/video-merge/src/clips.ts',
        find: '  if (timed.length > 0) clips.sort((a, b) => a.start! - b.start!)\n',
        replace: '',
      },
    ],
    tests: ['packages/video-merge/test/concat.test.ts'],
    pattern: 'in the order of time',
  },
  {
    name: 'silent-loss 26, earlier runs',
    bug: 'what an earlier run fetched is left out of the films',
    edits: [
      {
        file: 'apps/samsara-cli/src/merge/from-ledger.ts',
        find: '  for await (const row of ledger.rows({ sourceId, ...(window ? { window } : {}) })) {\n',
        replace:
          '  const all = await Array.fromAsync(ledger.rows({ sourceId, ...(window ? { window } : {}) }))\n  const latest = all.reduce((a, b) => ((a.endedAt ?? 0) > (b.endedAt ?? 0) ? a : b)).runId\n  for (const row of all.filter(({ runId }) => runId === latest)) {\n',
      },
    ],
    tests: ['apps/samsara-cli/test/merge.test.ts'],
    pattern: 'silent-loss 26: takes in',
  },
  {
    name: 'silent-loss 26, a film that is there',
    bug: 'a film that an earlier run made is taken for complete',
    edits: [
      {
        file: 'apps/samsara-cli/src/merge/films.ts',
        find: 'if (entry?.key === key && (await stands(journal, entry)))',
        replace: 'if (entry && key && (await stands(journal, entry)))',
      },
    ],
    tests: ['apps/samsara-cli/test/merge.test.ts'],
    pattern: 'silent-loss 26: takes in',
  },
  {
    name: 'silent-loss 27, films',
    bug: 'the films of two vehicles with one name have one name',
    edits: [
      {
        file: 'apps/samsara-cli/src/merge/merge-footage.ts',
        find: 'const label = sharesName(one, vehicles) ?',
        replace: 'const label = id === name && sharesName(one, vehicles) ?',
      },
    ],
    tests: ['apps/samsara-cli/test/merge.test.ts'],
    pattern: 'two vehicles of one name apart',
  },
  {
    name: 'silent-loss 28, of what is paid for',
    bug: 'the minutes that are ordered are read in UTC',
    edits: [
      {
        file: 'apps/samsara-cli/src/ask.ts',
        find: 'inZone(readMoment(written, flag, now), timeZone, text, flag, now)',
        replace: "inZone(readMoment(written, flag, now), 'UTC', text, flag, now)",
      },
    ],
    tests: ['apps/samsara-cli/test/silent-loss.test.ts'],
    pattern: 'silent-loss 28: a time in',
  },
  {
    name: 'silent-loss 28, a zone that nobody knows',
    bug: 'a misspelt zone silently becomes the system’s',
    edits: [
      {
        file: 'packages/cli-kit/src/flags/everywhere.ts',
        find: '      read: readTimeZone,\n',
        replace: '',
      },
    ],
    tests: ['apps/samsara-cli/test/silent-loss.test.ts'],
    pattern: 'a zone that nobody knows',
  },
  {
    name: 'samsara, a film that somebody else made',
    bug: 'a film takes the place of a file that is not ours',
    edits: [
      {
        file: 'apps/samsara-cli/src/merge/publish.ts',
        find: 'if (ours || (await disk.lstat(join(folder, name)))) return { name, ours }',
        replace: 'if (ours) return { name, ours }',
      },
      {
        file: 'apps/samsara-cli/src/merge/publish.ts',
        find: 'if (old.some((file) => file.name === name)) await disk.rename(from, to)',
        replace: 'if (name) await disk.rename(from, to)',
      },
    ],
    tests: ['apps/samsara-cli/test/merge.test.ts'],
    pattern: 'never takes the place',
  },
  {
    name: 'samsara, a scope that comes later',
    bug: 'an organisation that may not be asked for has another name, and all is ordered again once it may',
    edits: [
      {
        file: 'packages/samsara/src/source.ts',
        find: 'const me = await api.get(endpoints.me, {}, signal)',
        replace: "const me = await api.get(endpoints.me, {}, signal).catch(() => ({ data: { id: 'host' } }))",
      },
    ],
    tests: ['packages/samsara/test/vehicles.test.ts'],
    pattern: 'each minute is ordered once',
  },
  {
    name: 'samsara, an order that was not written down',
    bug: 'an order is placed although the ledger could not take note of it',
    edits: [
      {
        file: 'packages/samsara/src/client/placing.ts',
        find: '      noted = true\n    } finally {\n',
        replace:
          '      noted = true\n    } finally {\n      if (!noted) await placeOrder(api, bought, settings, signal)\n',
      },
    ],
    tests: ['packages/samsara/test/paid-once.test.ts'],
    pattern: 'orders nothing that could not be written down',
  },
  {
    name: 'since the last run, a camera that is offline',
    bug: 'it counts as listed, and what it lists once it is back is never asked for',
    edits: [
      {
        file: 'packages/cli-kit/src/commands/since-last-run.ts',
        find: 'isOffline: offline.has(id)',
        replace: 'isOffline: false',
      },
    ],
    tests: ['packages/cli-kit/test/since-last-run.test.ts'],
    pattern: 'offline for days',
  },
  {
    name: 'silent-loss 35',
    bug: 'slots that passed while the program was down are forgotten',
    edits: [
      {
        file: `${core}/capture/opening.ts`,
        find: 'return { account, from: before.at, name, slots }',
        replace: 'return { account, from: standing.at, name, slots }',
      },
    ],
    tests: [`${coreTests}/capture/adversity.test.ts`],
    pattern: 'while the program was down',
  },
  {
    name: 'silent-loss 35, a clock that is put forward',
    bug: 'the slots between are forgotten',
    edits: [
      {
        file: `${core}/capture/camera-loop.ts`,
        find: 'if (some) await how.missed(start, lost, why)',
        replace: 'if (some && how.whyBefore(start)) await how.missed(start, lost, why)',
      },
    ],
    tests: [`${coreTests}/capture/adversity.test.ts`],
    pattern: 'that is put forward',
  },
  {
    name: 'silent-loss 35, a picture under way',
    bug: 'the row of a slot during which the program was killed stays without an outcome',
    edits: [
      {
        file: `${core}/capture/resume.ts`,
        find: 'if (!underWay) {',
        replace: 'if (!underWay || row.kind) {',
      },
    ],
    tests: [`${coreTests}/capture/adversity.test.ts`],
    pattern: 'it was killed',
  },
  {
    name: 'a lenient head, two lengths',
    bug: 'a reply that states two different lengths is read by the first',
    edits: [
      {
        file: `${core}/http/mend-head.ts`,
        find: 'new Set(lengths).size === 1',
        replace: 'lengths.length > 0',
      },
    ],
    tests: [`${coreTests}/http/lenient-head.test.ts`],
    pattern: 'two lengths',
  },
  {
    name: 'silent-loss 32',
    bug: 'a JSON error that comes in place of a picture is handed on as one',
    edits: [
      {
        file: `${reolink}/src/client/snapshots.ts`,
        find: 'if (isJpeg(bytes)) return { value: heard }',
        replace: 'if (bytes.length > 0) return { value: heard }',
      },
      { file: `${reolink}/src/client/snapshots.ts`, find: '    await checkPicture(heard.bytes, what)\n', replace: '' },
    ],
    tests: [`${reolink}/test/snapshots.test.ts`],
    pattern: 'is none where -12',
  },
  {
    name: 'silent-loss 32, half a picture',
    bug: 'what begins like a JPEG is taken for one',
    edits: [
      { file: `${reolink}/src/client/snapshots.ts`, find: '    await checkPicture(heard.bytes, what)\n', replace: '' },
    ],
    tests: [`${reolink}/test/snapshots.test.ts`],
    pattern: 'is none where short',
  },
  {
    name: 'silent-loss 32, in the core',
    bug: 'what a device calls a picture is kept without a look at it',
    edits: [{ file: `${core}/capture/asking.ts`, find: '      await checkPicture(snapshot)\n', replace: '' }],
    tests: [`${coreTests}/capture/capture.test.ts`],
    pattern: 'keeps no picture that is',
  },
  {
    name: 'silent-loss 32, a frozen camera',
    bug: 'the same picture for hours is taken for new ones',
    edits: [
      {
        file: `${reolink}/src/client/snapshots.ts`,
        find: 'before?.digest === digest ? before.repeats + 1 : 0',
        replace: '0',
      },
    ],
    tests: [`${reolink}/test/snapshots.test.ts`],
    pattern: 'a frozen camera',
  },
  {
    name: 'silent-loss 35, nobody there',
    bug: 'slots that pass while a device cannot be reached yet are forgotten',
    edits: [
      {
        file: `${core}/capture/opening.ts`,
        find: 'at: beganAt - 1,\n        goesOn',
        replace: 'at: reachedAt - 1,\n        goesOn',
      },
    ],
    tests: [`${coreTests}/capture/capture.test.ts`],
    pattern: 'cannot be reached yet',
  },
  {
    name: 'silent-loss 35, a slow camera',
    bug: 'slots that come while an earlier picture is under way are forgotten',
    edits: [
      {
        file: `${core}/capture/camera-loop.ts`,
        find: '    await account.reached(slot)\n    cursor = slot',
        replace: '    await account.reached(slot)\n    cursor = Math.max(slot, clock.now() - how.graceMs - 1)',
      },
    ],
    tests: [`${coreTests}/capture/capture.test.ts`],
    pattern: 'a slow camera is at work',
  },
  {
    name: 'silent-loss 7, more than a day',
    bug: 'a Reolink device is asked for days at once, which it answers with nothing',
    edits: [{ file: `${reolink}/src/client/recordings/spans.ts`, find: 'to: Math.min(day.to, to) }', replace: 'to }' }],
    tests: [`${reolink}/test/recordings/spans.test.ts`],
    pattern: 'never more than one of its days',
  },
  {
    name: 'silent-loss 7, cut off in silence',
    bug: 'a round number of files is believed to be all',
    edits: [
      {
        file: `${reolink}/src/client/recordings/search.ts`,
        find: 'if (count < 60) return false',
        replace: 'if (count >= 0) return false',
      },
    ],
    tests: [`${reolink}/test/recordings/strange-lists.test.ts`],
    pattern: 'names no more than so many',
  },
  {
    name: 'silent-loss 7, a day that is withheld',
    bug: 'a day that the device marks as recorded, and lists nothing of, counts as empty',
    edits: [
      {
        file: `${reolink}/src/client/recordings/list.ts`,
        find: '    if (withheld) yield withheldDay(camera.id, stream, span, zone)\n',
        replace: '',
      },
    ],
    tests: [`${reolink}/test/recordings/strange-lists.test.ts`],
    pattern: 'nobody may take it for empty',
  },
  {
    name: 'silent-loss 7, entries that cannot be read',
    bug: 'they are left out, and the list counts as whole',
    edits: [
      {
        file: `${reolink}/src/client/recordings/list.ts`,
        find: 'if (unreadable > 0) {',
        replace: 'if (unreadable < 0) {',
      },
    ],
    tests: [`${reolink}/test/recordings/strange-lists.test.ts`],
    pattern: 'make the list a failed one',
  },
  {
    name: 'silent-loss 33, a search that fails',
    bug: 'a channel that cannot be searched counts as one without recordings',
    edits: [
      {
        file: `${reolink}/src/client/recordings/search.ts`,
        find: 'if (!halves) throw error',
        replace: 'if (!halves) return { entries: [], days: new Set(), unreadable: 0 }',
      },
    ],
    tests: [`${reolink}/test/conformance/profiles.test.ts`],
    pattern: 'a camera whose list fails',
  },
  {
    name: 'silent-loss 34, by where it is plugged in',
    bug: 'a camera of a recorder is known by its channel',
    edits: [
      {
        file: `${reolink}/src/client/recordings/list.ts`,
        find: 'return uid ?? String(index)',
        replace: "return uid === '' ? uid : String(index)",
      },
    ],
    tests: [`${reolink}/test/recordings/listing.test.ts`],
    pattern: 'each known by its uid',
  },
  {
    name: 'silent-loss 23, of a Reolink device',
    bug: 'a wrong password is tried again with the next request',
    edits: [
      {
        file: `${reolink}/src/session/index.ts`,
        find: 'if (error instanceof AuthenticationError) bar(error, Number.POSITIVE_INFINITY)',
        replace: 'if (error instanceof AuthenticationError) bar(error, 0)',
      },
    ],
    tests: [`${reolink}/test/lock-out.test.ts`],
    pattern: 'is tried once, ever',
  },
  {
    name: 'silent-loss 30, of a Reolink device',
    bug: 'what was recorded in the repeated hour is put into its first time',
    edits: [
      {
        file: `${reolink}/src/client/recordings/moments.ts`,
        find: 'return summer === false ? later : earlier',
        replace: 'return summer === false ? earlier : later',
      },
    ],
    tests: [`${reolink}/test/recordings/zones.test.ts`],
    pattern: 'told apart by the mark',
  },
  {
    name: 'reolink, a session that stays',
    bug: 'a source that is closed leaves its login behind',
    edits: [
      { file: `${reolink}/src/session/index.ts`, find: '      if (current) await leave(current, true)\n', replace: '' },
    ],
    tests: [`${reolink}/test/session.test.ts`],
    pattern: 'nothing is left behind',
  },
  {
    name: 'reolink, a device that says nothing',
    bug: 'a device that closes its connections is asked again and again',
    edits: [
      {
        file: `${reolink}/src/client/download/silence.ts`,
        find: 'if (++inARow < mostInARow) return',
        replace: 'if (++inARow > 0) return',
      },
    ],
    tests: [`${reolink}/test/download/ladder.test.ts`],
    pattern: 'is left alone after two tries',
  },
]
