#!/usr/bin/env node
import { main } from './main.js'
import { processIo } from './process-io.js'

// Where TensorFlow's own library is loaded, it speaks up for errors only.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
process.exitCode = await main(process.argv.slice(2), processIo())
