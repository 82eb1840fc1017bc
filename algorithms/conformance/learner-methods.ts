import { UserModuleError } from '#env/errors.js'
import type { Policy } from '#env/policy.js'
import type { Learner } from '../learner.js'

const learnerMethods = ['act', 'update', 'policy', 'saveState', 'loadState'] as const

/**
 * Refuses what isn't a learner before it is run.
 * @param name - of the entry that made it
 * @throws UserModuleError that names the method it lacks
 */
export function requireMethods(name: string, made: unknown): Learner {
  requireAll(name, made, learnerMethods, 'learner', 'forms.arrays(context, config)')
  return made as Learner
}

/** As `requireMethods`, for a policy: what is named is its maker. */
export function requirePolicy(name: string, made: unknown): Policy {
  requireAll(name, made, ['act'], 'policy', 'create(context, config)')
  const { observes } = made as { readonly observes: unknown }
  if (observes !== 'local' && observes !== 'messages' && observes !== 'bids' && observes !== 'global') {
    throw new UserModuleError(
      `${name}: expected a policy that observes "local", "messages", "bids" or "global", got ${JSON.stringify(observes) ?? 'undefined'}; say what it reads`,
    )
  }
  return made as Policy
}

function requireAll(name: string, made: unknown, methods: readonly string[], what: string, maker: string): void {
  if (typeof made !== 'object' || made === null) {
    throw new UserModuleError(`${name}: expected a ${what} from ${maker}, got ${String(made)}; return one`)
  }
  const missing = methods.filter((method) => typeof (made as { [key: string]: unknown })[method] !== 'function')
  if (missing.length === 0) return
  throw new UserModuleError(
    `${name}: its ${what} has no method ${missing.join(', ')}; a ${what} has ${methods.join(', ')}`,
  )
}
