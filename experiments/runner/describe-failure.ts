import { CadreError } from '#env/errors.js'

/**
 * Code and message of what ended a trial; errors that aren't ours keep their name.
 * @param when - put before the message
 */
export function describeFailure(error: unknown, when = ''): { code: string; message: string } {
  const code = error instanceof CadreError ? error.code : error instanceof Error ? error.name : 'UNKNOWN'
  return { code, message: `${when}${error instanceof Error ? error.message : String(error)}` }
}
