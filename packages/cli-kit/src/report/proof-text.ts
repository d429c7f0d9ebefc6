import type { Proof } from '@cam/download-core'

/** Why a file counts as complete. */
export function proofText(proof: Proof): string {
  switch (proof.by) {
    case 'checksum':
      return `it has the ${proof.checksum.algorithm} digest the source states`
    case 'length':
      return `${proof.bytes} bytes, as stated by ${proof.statedBy.join(' and ')}`
    case 'container':
      return `its ${proof.format} structure was read to the end`
    case 'repeat':
      return 'two fetches were identical'
  }
}
