import { CadreError, ConfigError, type ConfigProblem } from '#env/errors.js'
import { type Io, printJson } from './io.js'

/** What `--json` prints when a command fails. */
export interface FailureDocument {
  readonly error: {
    /** A stable code (`errorCodes`), or ERR_UNEXPECTED for what isn't foreseen. */
    readonly code: string
    readonly message: string
    readonly problems?: readonly ConfigProblem[]
  }
}

/**
 * Reports a failure: its message on standard error, with `verbose` also the stack, with `json` a document on standard
 * output.
 * @returns the exit code: 1 failed, 2 wrong usage or configuration
 */
export function reportFailure(error: unknown, flags: { json: boolean; verbose: boolean }, io: Io): 1 | 2 {
  const expected = error instanceof CadreError
  const message = error instanceof Error ? error.message : String(error)
  if (flags.json) {
    const problems = error instanceof ConfigError ? { problems: error.problems } : {}
    const document: FailureDocument = {
      error: { code: expected ? error.code : 'ERR_UNEXPECTED', message, ...problems },
    }
    printJson(io, document)
  }
  io.stderr.write(`${expected ? message : `unexpected error: ${message}`}\n`)
  if (flags.verbose) io.stderr.write(`${stackOf(error)}\n`)
  else if (!expected) io.stderr.write('--verbose shows where it comes from\n')
  return expected ? error.exitCode : 1
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`
  const thrown = error instanceof ConfigError ? error.problems.flatMap(({ stack }) => stack ?? []) : []
  return [`${error.stack ?? error.message}${cause}`, ...thrown].join('\n')
}
