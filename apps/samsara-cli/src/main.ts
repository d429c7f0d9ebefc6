#!/usr/bin/env node
import { runCli } from '@cam/cli-kit'
import { samsaraCli } from './command.ts'

const { argv, env, stdin, stdout, stderr } = process
process.exitCode = await runCli(samsaraCli, {
  argv: argv.slice(2),
  env,
  stdin,
  stdout,
  stderr,
  signals: process,
  exit: (code) => process.exit(code),
})
