#!/usr/bin/env node
import { main } from '@cam/cli-kit'
import { unifiCli } from './command.ts'

await main(unifiCli)
