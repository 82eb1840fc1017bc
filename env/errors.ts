/**
 * Every failure Cadre reports: one class a failure, each with a stable code. A message says where, what was expected,
 * what came and what to do. Wording may change between versions; codes do not.
 */

/** The stable codes, in the order of their classes below. */
export const errorCodes = [
  'ERR_SHAPE',
  'ERR_SPACE',
  'ERR_LIFECYCLE',
  'ERR_UNKNOWN_AGENT',
  'ERR_ILLEGAL_ACTION',
  'ERR_NON_FINITE',
  'ERR_EXPRESSION',
  'ERR_MODEL',
  'ERR_NOT_ENUMERABLE',
  'ERR_ITERATION_LIMIT',
  'ERR_BUNDLE',
  'ERR_STATE',
  'ERR_CONFIG',
  'ERR_UNKNOWN_NAME',
  'ERR_USAGE',
  'ERR_USER_MODULE',
  'ERR_RUN_STATE',
  'ERR_STORAGE',
  'ERR_RECORD',
  'ERR_BACKEND',
] as const

export type ErrorCode = (typeof errorCodes)[number]

/** The base of all errors of this package. `exitCode` is what the command line ends with: 1 failed, 2 wrong usage or config. */
export class CadreError extends Error {
  readonly code: ErrorCode
  readonly exitCode: 1 | 2

  constructor(code: ErrorCode, message: string, options: { exitCode?: 1 | 2; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.exitCode = options.exitCode ?? 1
  }
}

/** An array, index or size that doesn't fit its table. */
export class ShapeError extends CadreError {
  constructor(message: string) {
    super('ERR_SHAPE', message)
  }
}

/** A space that can't be made or used, such as a continuous action space. */
export class SpaceError extends CadreError {
  constructor(message: string) {
    super('ERR_SPACE', message, { exitCode: 2 })
  }
}

/** Methods called in an order the contract forbids, such as `step` before `reset`. */
export class LifecycleError extends CadreError {
  constructor(message: string) {
    super('ERR_LIFECYCLE', message)
  }
}

/** An agent name that the environment doesn't have. */
export class UnknownAgentError extends CadreError {
  constructor(agent: string, known: readonly string[]) {
    super('ERR_UNKNOWN_AGENT', `unknown agent "${agent}"; this environment has ${known.join(', ')}`)
  }
}

/** An action outside its space, or one the mask forbids. */
export class IllegalActionError extends CadreError {
  constructor(message: string) {
    super('ERR_ILLEGAL_ACTION', message)
  }
}

/** NaN or infinity where a number was expected, such as in a reward. */
export class NonFiniteError extends CadreError {
  constructor(message: string) {
    super('ERR_NON_FINITE', message)
  }
}

/** A reward expression that doesn't parse or reaches outside its quantities. */
export class ExpressionError extends CadreError {
  constructor(message: string) {
    super('ERR_EXPRESSION', message, { exitCode: 2 })
  }
}

/** Transition probabilities or rewards that don't form a Markov decision process. */
export class ModelError extends CadreError {
  constructor(message: string) {
    super('ERR_MODEL', message, { exitCode: 2 })
  }
}

/** An exact method asked of an environment that has no finite model, or one too large. */
export class NotEnumerableError extends CadreError {
  constructor(message: string) {
    super('ERR_NOT_ENUMERABLE', message, { exitCode: 2 })
  }
}

/** An iterative method that hit its limit before its stopping rule. */
export class IterationLimitError extends CadreError {
  constructor(message: string) {
    super('ERR_ITERATION_LIMIT', message)
  }
}

/** A policy bundle that is malformed, altered, or made for something else. */
export class BundleError extends CadreError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('ERR_BUNDLE', message, { exitCode: 2, ...options })
  }
}

/** Saved state (environment, learner, generator, checkpoint) that doesn't fit what it is loaded into. */
export class StateError extends CadreError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('ERR_STATE', message, options)
  }
}

/** One problem in a configuration: where it is and what is wrong. */
export interface ConfigProblem {
  /** Dotted path of the offending key, such as `algorithms.joint.learningRate`. */
  readonly path: string
  readonly message: string
  /** File, and 1-based line and column, where known. */
  readonly file?: string
  readonly line?: number
  readonly column?: number
  /** Where a user's own code threw. */
  readonly stack?: string
}

/** Every problem found in a configuration, reported at once. */
export class ConfigError extends CadreError {
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    super('ERR_CONFIG', problems.map(formatProblem).join('\n'), { exitCode: 2 })
    this.problems = problems
  }
}

/** `file:line:column: path: message`, leaving out what isn't known. */
export function formatProblem(problem: ConfigProblem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':')
  return [place, problem.path, problem.message].filter((part) => part !== '').join(': ')
}

/** A name that no registry has, with the nearest known one. */
export class UnknownNameError extends CadreError {
  constructor(kind: string, name: string, known: readonly string[]) {
    super('ERR_UNKNOWN_NAME', unknownNameMessage(kind, name, known), { exitCode: 2 })
  }
}

/** A command line that can't be understood. */
export class UsageError extends CadreError {
  constructor(message: string) {
    super('ERR_USAGE', message, { exitCode: 2 })
  }
}

/** A user's own environment, algorithm or policy file that can't be loaded or doesn't export what is needed. */
export class UserModuleError extends CadreError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('ERR_USER_MODULE', message, { exitCode: 2, ...options })
  }
}

/** A run directory in a state that the command can't go on from without being told how. */
export class RunStateError extends CadreError {
  constructor(message: string) {
    super('ERR_RUN_STATE', message, { exitCode: 2 })
  }
}

/** A file or directory that can't be read or written: permissions, a full disk. */
export class StorageError extends CadreError {
  constructor(message: string, options: { cause?: unknown; exitCode?: 1 | 2 } = {}) {
    super('ERR_STORAGE', message, options)
  }
}

/** A recorded file (manifest, metrics, trial) that can't be read back. */
export class RecordError extends CadreError {
  constructor(message: string) {
    super('ERR_RECORD', message, { exitCode: 2 })
  }
}

/** A tensor backend that was asked for and isn't available on this machine. */
export class BackendError extends CadreError {
  constructor(message: string) {
    super('ERR_BACKEND', message, { exitCode: 2 })
  }
}

/** `unknown KIND "name"; did you mean "nearest"? known: ...` */
export function unknownNameMessage(kind: string, name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known)
  const hint = nearest === undefined ? '' : `; did you mean "${nearest}"?`
  return `unknown ${kind} "${name}"${hint}${known.length === 0 ? '' : ` (known: ${known.join(', ')})`}`
}

/** The known name with the smallest edit distance, or undefined when none is near (over 40% of the letters differ). */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = Number.POSITIVE_INFINITY
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best !== undefined && bestDistance <= Math.max(2, Math.ceil(0.4 * Math.max(name.length, 1))) ? best : undefined
}

/** Levenshtein distance between two strings. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(substitution, previous[j]! + 1, current[j - 1]! + 1))
    }
    previous = current
  }
  return previous[b.length]!
}
