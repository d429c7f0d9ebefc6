#!/usr/bin/env node
import { main } from '@cam/cli-kit'
import { samsaraCli } from './command.ts'

await main(samsaraCli)
