#!/usr/bin/env node
import { main } from '@cam/cli-kit'
import { reolinkCli } from './command.ts'

await main(reolinkCli)
