import { randomUUID } from 'node:crypto'
import type { TimeWindow, WorldCamera } from '../world.ts'

/** What was asked for by `POST /exports`. */
export interface ExportAsked {
  readonly camera: WorldCamera
  readonly period: TimeWindow
  readonly name: string
  /** Into downloads, which are deleted after a while; else into the archive. */
  readonly autoDelete: boolean
  /** The body as it was sent. */
  readonly original: unknown
}

/** A file that a job made. */
export interface MadeFile extends TimeWindow {
  readonly id: string
  readonly jobId: string
  readonly camera: WorldCamera
  /** With its extension. */
  readonly name: string
  readonly kind: 'downloads' | 'files'
  readonly createdAt: number
}

/** An export job. */
export interface ExportJob extends ExportAsked {
  readonly id: string
  readonly createdAt: number
  /** Ends in success, whatever `jobOutcome` says. */
  readonly copy: boolean
  updatedAt: number
  polls: number
  /** The files, once there are any. */
  files: readonly MadeFile[] | undefined
}

const kept = 10_000

/** Jobs and what they made. */
export class Exports {
  readonly jobs = new Map<string, ExportJob>()
  readonly files = new Map<string, MadeFile>()

  begin(asked: ExportAsked, createdAt: number, copy: boolean): ExportJob {
    const job = { ...asked, id: randomUUID(), createdAt, copy, updatedAt: createdAt, polls: 0, files: undefined }
    this.jobs.set(job.id, job)
    if (this.jobs.size > kept) this.jobs.delete(this.jobs.keys().next().value!)
    return job
  }

  addFile(file: Omit<MadeFile, 'id'>): MadeFile {
    const made = { ...file, id: randomUUID() }
    this.files.set(made.id, made)
    if (this.files.size > kept) this.files.delete(this.files.keys().next().value!)
    return made
  }
}
