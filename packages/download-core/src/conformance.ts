import { contactCases } from './conformance/contact-cases.ts'
import { listingCases } from './conformance/listing-cases.ts'
import { orderCases } from './conformance/order-cases.ts'
import { secrecyCases } from './conformance/secrecy-cases.ts'
import type { ConformanceCase } from './conformance/target.ts'
import { transferCases } from './conformance/transfer-cases.ts'

export type * from './conformance/target.ts'

/**
 * The rules every vendor package keeps, as plain data. In a test:
 * `for (const rule of conformanceCases) it(rule.name, async () => { await rule.run(await makeTarget()) })`.
 */
export const conformanceCases: readonly ConformanceCase[] = [
  ...contactCases,
  ...listingCases,
  ...transferCases,
  ...orderCases,
  ...secrecyCases,
]
