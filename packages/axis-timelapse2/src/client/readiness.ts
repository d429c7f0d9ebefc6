import { isCamError } from '@cam/download-core/source'
import { cardMissing, notConverted, stillStarting, tooOld } from '../failures.ts'
import { atLeast, readCard, readMigration } from '../wire/app.ts'
import { nodePath } from '../wire/target.ts'
import type { Conversation } from './conversation.ts'

/** What keeps Timelapse2 from listing, in words; undefined where nothing does. PROTOCOL.md §2.3, §2.4. */
export async function obstacle(
  conversation: Conversation,
  version: string | undefined,
  signal: AbortSignal,
): Promise<unknown> {
  const { asked } = conversation
  if (version !== undefined && !atLeast(version, '1.0.0')) return tooOld(asked, version)
  const card = readCard(await page(conversation, 'status', signal))
  if (card && !card.present) return cardMissing(asked, card.message)
  if (version !== undefined && !atLeast(version, '3')) return undefined
  const migration = readMigration(await page(conversation, 'migration', signal))
  if (migration && !/^(complete|declined|none)$/.test(migration.status)) return notConverted(asked, migration)
  return undefined
}

/** Why an archive node said that it is not there, or not yet. Other errors come back as they are. */
export async function whyNotReady(
  error: unknown,
  conversation: Conversation,
  version: string | undefined,
  signal: AbortSignal,
): Promise<unknown> {
  if (!isCamError(error)) return error
  // A 503 in other words is the web server's or the file's own.
  const absent = error.httpStatus === 404 || (error.httpStatus === 503 && /still starting/i.test(error.message))
  if (!absent) return error
  return (await obstacle(conversation, version, signal)) ?? stillStarting(conversation.asked, error)
}

/** A page that may not be there: what it does not tell is not known. */
async function page(conversation: Conversation, node: string, signal: AbortSignal): Promise<unknown> {
  try {
    return (await conversation.askOnce({ url: nodePath('timelapse2', node) }, signal)).json()
  } catch (error) {
    if (isCamError(error) && /^(PROTOCOL|NOT_FOUND|SERVER|REQUEST)$/.test(error.code)) return undefined
    throw error
  }
}
