#!/usr/bin/env node
import { main } from '@cam/cli-kit'
import { axisTimelapse2Cli } from './command.ts'

await main(axisTimelapse2Cli)
