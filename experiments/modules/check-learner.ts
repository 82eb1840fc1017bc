import type { Learner } from '#algorithms/learner.js'
import { UserModuleError } from '#env/errors.js'

const METHODS = ['act', 'update', 'policy', 'saveState', 'loadState'] as const satisfies readonly (keyof Learner)[]

/**
 * What a learner's entry made, if it is a learner: refused by its own name before anything runs.
 * @throws UserModuleError naming what is missing
 */
export function checkLearner(made: unknown, name: string): Learner {
  const learner = made as Partial<Record<string, unknown>> | null
  if (typeof learner !== 'object' || learner === null) {
    throw new UserModuleError(`${name}: forms.arrays gave ${String(made)}, expected a learner; return one`)
  }
  const missing = METHODS.filter((method) => typeof learner[method] !== 'function')
  if (missing.length === 0) return made as Learner
  throw new UserModuleError(
    `${name}: its learner has no method ${missing.join(', ')}; a learner needs ${METHODS.join(', ')}`,
  )
}
