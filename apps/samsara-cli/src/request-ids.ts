import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type AfterRunTools, localTime } from '@cam/cli-kit'
import { retrievalsOf } from '@cam/samsara'

/**
 * Writes `Logs/request_ids_2025-04-17_09-00-00.json` as SamsaraVideoDownloader does: the beginning of each minute of this run's time,
 * and the id of its retrieval. Nothing reads it: the ledger is what a run goes on from.
 */
export async function writeRequestIds(tools: AfterRunTools): Promise<void> {
  const { ledger, sourceId, window, root, flags, context, report, timeZone } = tools
  if (!window || flags.text('log-dir') === 'none') return
  const retrievals = retrievalsOf(await ledger.notes(sourceId))
  const rows = retrievals.filter(({ start }) => start >= window.start && start < window.end)
  const pairs = rows.map(({ start, id }) => [localTime(start, timeZone), id])
  const folder = flags.text('log-dir') ?? join(root, 'Logs')
  const now = localTime(context.clock.now(), timeZone).slice(0, 19).replace('T', '_').replaceAll(':', '-')
  try {
    await mkdir(folder, { recursive: true })
    await writeNew(join(folder, `request_ids_${now}`), `${JSON.stringify(pairs, undefined, 2)}\n`)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    report.warning(`The ids of the retrievals cannot be written into ${folder} (${code ?? message}).`)
  }
}

/** No name is used twice. */
async function writeNew(path: string, text: string): Promise<void> {
  for (let number = 1; ; number++) {
    const name = `${path}${number === 1 ? '' : `-${number}`}.json`
    try {
      return await writeFile(name, text, { mode: 0o600, flag: 'wx' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || number === 1000) throw error
    }
  }
}
