import { defineConfig, type Options } from 'tsup'

/** The one place that knows the bundler, so that changing it changes one file. */
export function packageBuild(entry: Record<string, string>, more: Options = {}) {
  return defineConfig({
    entry,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    dts: { compilerOptions: { customConditions: [], composite: false } },
    clean: true,
    sourcemap: true,
    splitting: true,
    treeshake: true,
    ...more,
  })
}
