#!/usr/bin/env node
import { main } from '@cam/cli-kit'
import { eagleEyeCli } from './command.ts'

await main(eagleEyeCli)
