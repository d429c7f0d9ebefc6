// Archives what the toy device at the given address has, and says how it ended: a process that tests may kill.
import { archive } from '@cam/download-core'
import { toySource } from '../../download-core/test/archive/toy-source.ts'
import { openLedger } from '../src/index.ts'

const [, , url = '', into = ''] = process.argv
await using source = toySource({ url })
await using ledger = await openLedger(into)
for await (const event of archive({ source, into, ledger, reserveBytes: 0 })) {
  if (event.type === 'archive-started' || event.type === 'archive-ended')
    process.stdout.write(`${JSON.stringify(event)}\n`)
}
