import type { Env } from '../env.js'
import { allocateSlots } from '../slot.js'
import { layoutOf } from '../spec.js'
import { type Check, type CheckContext, type CheckResult, ConformanceFailure, fail } from './check.js'
import { episodeChecks } from './episode-checks.js'
import { factoredChecks } from './factored-checks.js'
import { modelChecks } from './model-checks.js'
import { modelStatistics } from './model-statistics.js'
import { Player } from './player.js'
import { type Recording, record } from './recording.js'
import { repeatChecks } from './repeat-checks.js'
import { saveChecks } from './save-checks.js'
import { slotChecks } from './slot-checks.js'
import { specChecks } from './spec-checks.js'

export interface CheckOptions {
  /** Steps of the long run that most checks look at. Default 4000. */
  readonly steps?: number
  /** Seed of everything drawn. Default "conformance". */
  readonly seed?: string
}

export interface CheckReport {
  readonly ok: boolean
  readonly checks: readonly CheckResult[]
}

const makeChecks: readonly Check[] = [
  {
    name: 'makes',
    promise: 'every call makes a new environment with the methods of the contract',
    run: ({ make }) => {
      const env = make()
      if (typeof env !== 'object' || env === null) fail(`got ${String(env)} instead of an environment; return one`)
      for (const method of ['bind', 'reset', 'step', 'saveState', 'loadState'] as const) {
        if (typeof env[method] !== 'function') fail(`the environment has no method ${method}; extend Env`)
      }
      if (typeof env.spec !== 'object' || env.spec === null) fail('the environment has no spec; extend Env and set it')
      if (make() === env) fail('two calls gave the same environment; make a new one every time')
    },
  },
]

const playChecks: readonly Check[] = [
  {
    name: 'plays',
    promise: 'resets and steps under random legal actions without an error',
    run: (context) => void context.recording,
  },
]

/** In stages: a stage is run when all before it held. */
const stages: readonly (readonly Check[])[] = [
  makeChecks,
  specChecks,
  playChecks,
  [
    ...slotChecks,
    ...episodeChecks,
    ...repeatChecks,
    ...saveChecks,
    ...modelChecks,
    ...modelStatistics,
    ...factoredChecks,
  ],
]

/** The names of all checks, in the order they are run. */
export const envCheckNames: readonly string[] = stages.flatMap((stage) => stage.map((check) => check.name))

/**
 * Holds an environment against the contract of `Env`: spec, slot, episodes, repeatability, saving, and the declared
 * model where there is one. Never throws; whatever the environment throws is a failed check.
 * @param make - makes a fresh environment at every call
 */
export function checkEnv(make: () => Env, options: CheckOptions = {}): CheckReport {
  const { steps = 4000, seed = 'conformance' } = options
  const context = lazyContext(make, steps, seed)
  const checks: CheckResult[] = []
  let blockedBy: string | undefined
  for (const stage of stages) {
    const results = stage.map((check) =>
      blockedBy === undefined
        ? runCheck(check, context)
        : { name: check.name, ok: false, message: `not run: put ${blockedBy} right first` },
    )
    checks.push(...results)
    blockedBy ??= results.find((result) => !result.ok)?.name
  }
  return { ok: checks.every((check) => check.ok), checks }
}

function runCheck(check: Check, context: CheckContext): CheckResult {
  try {
    check.run(context)
    return { name: check.name, ok: true, message: check.promise }
  } catch (error) {
    if (error instanceof ConformanceFailure) return { name: check.name, ok: false, message: error.message }
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    return { name: check.name, ok: false, message: `the environment threw ${what}` }
  }
}

/** Everything is made when first asked for, so that a stage sees only what the stages before it vouched for. */
function lazyContext(make: () => Env, steps: number, seed: string): CheckContext {
  let env: Env | undefined
  let recording: Recording | undefined
  const sample = () => {
    env ??= make()
    return env
  }
  return {
    make,
    steps,
    seed,
    get spec() {
      return sample().spec
    },
    get layout() {
      return layoutOf(sample().spec)
    },
    get recording() {
      recording ??= record(new Player(make(), allocateSlots(sample().spec, 1).rows[0]!, seed), steps)
      return recording
    },
  }
}
