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
    `The disk of ${job.root} has ${sizeText(freeBytes)} free; ${missing > 0 ? `${sizeText(missing)} are needed and ` : ''}${sizeText(reserve)} are kept in reserve. Free some space and run again; finished files are safe.`,
    { code: 'DISK_FULL' },
  )
}

/** `12.30 GB`: in steps of 1024. */
function sizeText(bytes: number): string {
  const steps = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const
  const step = Math.min(steps.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  return `${step === 0 ? Math.round(bytes) : (bytes / 1024 ** step).toFixed(2)} ${steps[step]}`
}
