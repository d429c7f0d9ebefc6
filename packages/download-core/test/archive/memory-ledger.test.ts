import { describe } from 'vitest'
import { memoryLedger } from '../../src/archive/memory-ledger.ts'
import { ledgerSuite } from './ledger-suite.ts'

describe('the ledger in memory', () => ledgerSuite(async () => memoryLedger()))
