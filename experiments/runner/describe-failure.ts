import { fileURLToPath } from 'node:url'
import { CadreError } from '#env/errors.js'

/**
 * Code and message of what ended a trial; errors that aren't ours keep their name.
 * @param when - put before the message
 */
export function describeFailure(error: unknown, when = ''): Failure {
  if (error instanceof CadreError) return { code: error.code, message: `${when}${error.message}` }
  if (!(error instanceof Error)) return { code: 'UNKNOWN', message: `${when}${String(error)}` }
  const frame = userFrame(error.stack ?? '')
  return {
    code: error.name,
    message: `${when}${error.message}${frame === null ? '' : ` (at ${frame})`}`,
    ...(error.stack === undefined ? {} : { stack: error.stack }),
  }
}

/** What ended a trial, as it is written down. */
export interface Failure {
  readonly code: string
  readonly message: string
  /** Of an error that isn't ours: where it came from. */
  readonly stack?: string
}

const ours = fileURLToPath(new URL('../..', import.meta.url))

/** The first place of a stack that is neither in this package, nor in others that are installed, nor in Node: file:line:column. */
function userFrame(stack: string): string | null {
  for (const line of stack.split('\n')) {
    const place = /(?:^at (?:async )?|\()((?:file:\/\/)?\/.*):(\d+):(\d+)\)?$/.exec(line.trim())
    if (place === null) continue
    const file = place[1]!.startsWith('file://') ? fileURLToPath(place[1]!.replace(/\?.*$/, '')) : place[1]!
    if (!file.startsWith(ours) && !file.includes('/node_modules/')) return `${file}:${place[2]}:${place[3]}`
  }
  return null
}
