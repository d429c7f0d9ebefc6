import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { LongFirst } from './tools/long-first.ts'

/** Packages are read from their sources: nothing has to be built before the tests run. */
export const sourceConditions = ['@cam/source', 'module', 'node', 'development|production']

export default defineConfig({
  ssr: { resolve: { conditions: sourceConditions } },
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'apps/*/test/**/*.test.ts',
      'examples/test/**/*.test.ts',
      'tools/test/**/*.test.ts',
    ],
    globalSetup: ['tools/run-folder.ts', 'tools/bundled-cli.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Files share a process: each module is loaded, and warm, once per worker instead of once per file.
    isolate: false,
    // Most tests wait for servers, processes and the disk: one file more at a time than there are cores.
    maxWorkers: availableParallelism() + 1,
    // A sequencer of our own would take the place of the one that shuffles.
    ...(process.argv.some((word) => word.startsWith('--sequence')) ? {} : { sequence: { sequencer: LongFirst } }),
    reporters: process.env.CI ? ['default', 'json'] : ['default'],
    outputFile: { json: 'reports/vitest.json' },
  },
})
