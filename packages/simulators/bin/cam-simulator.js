#!/usr/bin/env node
// Stands here so that an installation before the first build finds a command to link.
import '../dist/bin.js'
