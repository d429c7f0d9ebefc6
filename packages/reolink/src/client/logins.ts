import { at, word } from '@cam/download-core/source'
import type { Asked } from '../failures.ts'
import { noSuchSession } from '../failures.ts'
import type { Command } from '../wire/envelope.ts'
import { integer } from '../wire/envelope.ts'
import type { Session } from './facts.ts'

type Ask = (command: Command, signal: AbortSignal) => Promise<unknown>

/** More than any device has. */
const mostSessions = 1000

/** Who is logged in. PROTOCOL.md §1.7. */
export async function listSessions(ask: Ask, signal: AbortSignal): Promise<readonly Session[]> {
  const value = await ask({ cmd: 'GetOnline' }, signal)
  const rows = at(value, 'User')
  if (!Array.isArray(rows)) return []
  return rows.slice(0, mostSessions).flatMap((row) => {
    const id = integer(at(row, 'sessionId'))
    const user = word(at(row, 'userName'))
    if (id === undefined || user === undefined) return []
    const level = word(at(row, 'level'))
    const address = word(at(row, 'ip')) ?? ''
    return [{ id: String(id), user, address, ...(level && { level }), canEnd: integer(at(row, 'canbeDisconn')) === 1 }]
  })
}

/** Ends one of them: the device wants its user, too. */
export async function endSession(ask: Ask, asked: Asked, id: string, signal: AbortSignal): Promise<void> {
  const found = (await listSessions(ask, signal)).find((session) => session.id === id)
  if (!found) throw noSuchSession(asked, id)
  await ask({ cmd: 'Disconnect', param: { User: { userName: found.user, sessionId: Number(id) } } }, signal)
}
