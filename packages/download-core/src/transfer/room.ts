import { DiskError } from '../footage/errors.ts'
import type { TransferJob } from './job.ts'

/** Refuses to begin what cannot fit. Throws DiskError DISK_FULL. */
export async function ensureRoom(
  job: Pick<TransferJob, 'fileSystem' | 'root' | 'reserveBytes'>,
  held: number,
  total: number | undefined,
): Promise<void> {
  const reserve = job.reserveBytes ?? 64 * 1024 * 1024
  const missing = Math.max(0, (total ?? 0) - held)
  const { freeBytes } = await job.fileSystem.space(job.root)
  if (freeBytes >= missing + reserve) return
  throw new DiskError(
    `The disk of ${job.root} has ${freeBytes} bytes free; ${missing} are needed and ${reserve} are kept in reserve. Free some space and run again; finished files are safe.`,
    { code: 'DISK_FULL' },
  )
}
