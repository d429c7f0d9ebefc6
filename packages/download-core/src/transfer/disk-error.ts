import { DiskError } from '../footage/errors.ts'

/** The system's word for what went wrong (`ENOSPC` …), also where it is wrapped in a DiskError. */
export function errnoOf(error: unknown): string | undefined {
  for (let current = error, depth = 0; typeof current === 'object' && current !== null && depth < 4; depth++) {
    const code = (current as { code?: unknown }).code
    if (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)) return code
    current = (current as { cause?: unknown }).cause
  }
  return undefined
}

/** Says which path, what was tried, and what the user can do. `doing` completes "Cannot …". */
export function toDiskError(error: unknown, doing: string, path: string): DiskError {
  if (error instanceof DiskError) return error
  const errno = errnoOf(error)
  const said = errno ?? (error instanceof Error ? error.message : String(error))
  const tell = (advice: string) => `Cannot ${doing} ${path}: ${advice} (${said})`
  switch (errno) {
    case 'ENOSPC':
      return new DiskError(tell('the disk is full. Free some space and run again; finished files are safe.'), {
        code: 'DISK_FULL',
        cause: error,
      })
    case 'EDQUOT':
      return new DiskError(
        tell("the user's disk quota is used up. Free some space or raise the quota, and run again."),
        { code: 'DISK_FULL', cause: error },
      )
    case 'EROFS':
      return new DiskError(
        tell('the file system is mounted read-only. Mount it for writing, or choose another folder.'),
        { code: 'DISK_READ_ONLY', cause: error },
      )
    case 'EACCES':
    case 'EPERM':
      return new DiskError(tell('permission denied. Let this user write there, or choose another folder.'), {
        code: 'DISK_DENIED',
        cause: error,
      })
    case 'ENOENT':
      return new DiskError(
        tell(
          'it, or the folder it lies in, is gone: removed by somebody, or its disk was unmounted. Look there, and run again.',
        ),
        { code: 'DISK_IO', cause: error },
      )
    case 'ENOTDIR':
    case 'EEXIST':
    case 'EISDIR':
      return new DiskError(tell('something else stands in its place. Move it away, or choose another folder.'), {
        code: 'DISK_DENIED',
        cause: error,
      })
    case 'EMFILE':
    case 'ENFILE':
      return new DiskError(tell('too many files are open. Lower the concurrency or raise the limit (ulimit -n).'), {
        code: 'DISK_IO',
        cause: error,
      })
    case 'EXDEV':
      return new DiskError(tell('it lies on another file system than the archive. Mount the archive as one.'), {
        code: 'DISK_IO',
        cause: error,
      })
    default:
      return new DiskError(tell('the disk reports an error. Look at its health and at the system log.'), {
        code: 'DISK_IO',
        cause: error,
      })
  }
}
