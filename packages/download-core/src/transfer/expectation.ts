import type { Facts } from '../footage/camera.ts'
import { ProofError } from '../footage/errors.ts'
import type { KeptFile } from '../footage/outcome.ts'
import type { Recording } from '../footage/recording.ts'
import type { ContainerReport } from './container/report.ts'

/** Compares the file with what the vendor promised of it. Throws ProofError TOO_SHORT; a smaller picture is a `proxy`. */
export function compare(report: ContainerReport | undefined, recording: Recording): KeptFile['fidelity'] {
  const { expect } = recording
  const facts = report?.facts
  if (!expect || !facts) return 'full'
  if (expect.frames !== undefined && facts.frames !== undefined && facts.frames < expect.frames) {
    throw new ProofError(`The source states ${expect.frames} pictures; the file has ${facts.frames}.`, {
      code: 'TOO_SHORT',
    })
  }
  const length = report.samplesEndMs ?? facts.durationMs
  if (expect.durationMs !== undefined && length !== undefined) {
    const shortest = expect.durationMs - (expect.toleranceMs ?? 0)
    if (length < shortest) {
      throw new ProofError(`The file lasts ${length} ms; at least ${shortest} ms were expected.`, { code: 'TOO_SHORT' })
    }
  }
  const smaller = (own: number | undefined, wanted: number | undefined) =>
    own !== undefined && wanted !== undefined && own < wanted
  return smaller(facts.width, expect.width) || smaller(facts.height, expect.height) ? 'proxy' : 'full'
}

/** What the file says of itself, for the ledger. */
export function printable(report: ContainerReport | undefined): Facts {
  if (!report) return {}
  const facts: Record<string, string | number | boolean> = { format: report.format, ...report.facts }
  if (report.createdAt !== undefined) facts.createdAt = new Date(report.createdAt).toISOString()
  return facts
}
