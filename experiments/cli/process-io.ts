import { readFileSync } from 'node:fs'
import { isatty } from 'node:tty'
import type { Io } from './io.js'

/** The real process. */
export function processIo(): Io {
  let working = 0
  // `cadre envs | head` closes the pipe early; that is no failure. What is at work goes on without a reader: a training to its
  // checkpoints, a gateway with its requests.
  const onError = (ends: boolean) => (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
    if (ends && working === 0) process.exit(0)
  }
  process.stdout.on('error', onError(true))
  process.stderr.on('error', onError(false))
  // A terminal that closes is a reader that left, unless whoever started us asked not to hear of it (nohup).
  const unheard = ignoresHangup()
  const atTerminal = !unheard && [0, 1, 2].some((descriptor) => isatty(descriptor))
  const signals = ['SIGINT', 'SIGTERM', ...(unheard ? [] : (['SIGHUP'] as const))] as const
  let reopening = 0
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    onInterrupt: (listener) => {
      working++
      const hear = (signal: NodeJS.Signals) => {
        if (signal !== 'SIGHUP' || reopening === 0) listener()
      }
      for (const signal of signals) process.on(signal, hear)
      return () => {
        working--
        for (const signal of signals) process.off(signal, hear)
      }
    },
    onReopen: (listener) => {
      if (atTerminal) return () => undefined
      const hear = () => listener()
      reopening++
      process.on('SIGHUP', hear)
      return () => {
        reopening--
        process.off('SIGHUP', hear)
      }
    },
    quit: (code) => process.exit(code),
  }
}

/** Whether SIGHUP was ignored when the process began; where that can't be told, it wasn't. */
function ignoresHangup(): boolean {
  try {
    const ignored = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))
    return ignored !== null && (BigInt(`0x${ignored[1]}`) & 1n) === 1n
  } catch {
    return false
  }
}
