import type { CliDefinition } from './definition.ts'
import { runCli } from './run.ts'

/** What a command's own file does: runs it in this process, and leaves the exit code to it. */
export async function main(definition: CliDefinition): Promise<void> {
  const { argv, env, stdin, stdout, stderr } = process
  process.exitCode = await runCli(definition, {
    argv: argv.slice(2),
    env,
    stdin,
    stdout,
    stderr,
    signals: process,
    exit: (code) => process.exit(code),
  })
}
