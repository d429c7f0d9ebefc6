import { type VerifyEvent, verify as verifyArchive } from '@cam/download-core'
import { openLedger } from '@cam/ledger-sqlite'
import type { CliDefinition } from '../definition.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { bytesText, printable } from '../report/measures.ts'
import type { Session } from '../session.ts'

/** Compares every kept file with the disk. Contacts nobody; writes what is lost into the ledger. */
export async function verify(session: Session): Promise<ExitCode> {
  const { definition, flags, report, interruption, clock } = session
  const into = flags.text('dest')!
  // Opened for reading first: a disk that is not mounted must not get an empty ledger.
  await (await openLedger(into, { readOnly: true }))[Symbol.asyncDispose]()
  await using ledger = await openLedger(into)
  const deep = flags.on('deep')
  const options = { into, ledger, clock, deep, handedOver: flags.on('handed-over'), signal: interruption.abort }
  let lost = 0
  let own = 0
  for await (const found of verifyArchive(options)) {
    if (
      found.type === 'untracked' &&
      (isLog(found.path, definition) || (await definition.leaves?.(found.path, into)))
    ) {
      own++
      continue
    }
    const event = found.type === 'verify-ended' ? { ...found, untracked: found.untracked - own } : found
    if (event.type === 'verify-ended') lost = event.missing + event.altered
    const { type, ...fields } = event.type === 'file-checked' ? withoutRow(event) : event
    report.item(type, fields, textOf(event, session), isBad(event) ? 'err' : 'out')
  }
  return lost > 0 ? exitCodes.incomplete : exitCodes.done
}

/** What runs leave in the archive themselves is nobody else's. */
function isLog(path: string, { name, logFolder }: CliDefinition): boolean {
  const file = typeof logFolder === 'string' && path.startsWith(`${logFolder}/`) ? path.slice(logFolder.length + 1) : ''
  return file === 'failed.csv' || (file.startsWith(`${name}_`) && /\.(log|ndjson)$/.test(file))
}

function isBad(event: VerifyEvent): boolean {
  return event.type === 'file-checked' && (event.found === 'missing' || event.found === 'altered')
}

function withoutRow({ row, ...event }: Extract<VerifyEvent, { type: 'file-checked' }>) {
  return { ...event, ...row.key, bytes: row.file?.bytes, sha256: row.file?.sha256 }
}

function textOf(event: VerifyEvent, { flags }: Session): string | undefined {
  const verbose = flags.on('verbose')
  switch (event.type) {
    case 'file-checked': {
      const path = printable(event.path)
      if (event.found === 'missing') return `FAIL  ${path}\n      is gone`
      if (event.found === 'altered') return `FAIL  ${path}\n      is not what was kept`
      if (event.found === 'found-again') return `INFO  ${path} is there again`
      if (event.found === 'handed-over') return verbose ? `SKIP  ${path} (handed over)` : undefined
      return verbose ? `OK    ${path}` : undefined
    }
    case 'untracked':
      return verbose ? `INFO  ${printable(event.path)} does not belong to the archive; left alone` : undefined
    case 'verify-ended': {
      const how = flags.on('deep') ? 'every byte read' : 'sizes compared; --deep reads every byte'
      const { checked, intact, missing, altered, handedOver, untracked, bytes } = event
      const counts = `checked=${checked} intact=${intact} missing=${missing} altered=${altered}`
      const more = `${handedOver > 0 ? ` handedOver=${handedOver}` : ''}${untracked > 0 ? ` untracked=${untracked}` : ''}`
      return `Verified. ${counts}${more} (${bytesText(bytes)}, ${how})`
    }
  }
}
