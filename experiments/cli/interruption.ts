import type { Io } from './io.js'

/** Resolves at the first Ctrl-C or SIGTERM; the second one ends the process. */
export function interruption(io: Io): Promise<void> {
  let count = 0
  return new Promise((resolve) => {
    io.onInterrupt(() => {
      count++
      if (count > 1) io.quit(130)
      resolve()
    })
  })
}
