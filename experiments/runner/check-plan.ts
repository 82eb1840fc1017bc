import { requireMethods } from '#algorithms/conformance/learner-methods.js'
import { CadreError, ConfigError, type ConfigProblem } from '#env/errors.js'
import { Rng } from '#env/rng.js'
import type { EnvSpec } from '#env/spec.js'
import { layoutOf } from '#env/spec.js'
import type { RunPlan } from '../plan/trial-plan.js'
import { fewRows } from '../worlds/few-rows.js'
import { textNotes } from '../worlds/text-notes.js'
import type { Entries } from './entries.js'

/**
 * Makes every environment, learner and baseline of a plan once, so that what can't be made is refused before any work
 * starts; all of it at once.
 * @param note - is told what may be meant so, but is worth knowing
 * @returns the environments' specs by label
 * @throws ConfigError
 */
export async function checkPlan(
  plan: RunPlan,
  entries: Entries,
  note: (text: string) => void = () => undefined,
): Promise<{ [label: string]: EnvSpec }> {
  const problems: ConfigProblem[] = []
  const attempt = async <T>(path: string, make: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await make()
    } catch (error) {
      if (!(error instanceof CadreError)) throw error
      problems.push({ path, message: error.message })
      return undefined
    }
  }
  const specs: { [label: string]: EnvSpec } = Object.create(null)
  for (const [label, planned] of Object.entries(plan.environments)) {
    const spec = await attempt(`environments.${label}`, async () => {
      const { train, data } = await entries.world(planned, null)
      const { spec } = train.create(planned.config)
      layoutOf(spec)
      if (data !== null) for (const text of textNotes(label, data.texts, plan.folds !== null)) note(text)
      return spec
    })
    if (spec !== undefined) specs[label] = spec
  }
  const pairs = new Map(plan.trials.map((trial) => [`${trial.algorithm.label}\0${trial.environment.label}`, trial]))
  for (const { algorithm, environment, discount, steps, rows, tensors } of pairs.values()) {
    const spec = specs[environment.label]
    if (spec === undefined) continue
    await attempt(`algorithms.${algorithm.label} on ${environment.label}`, async () => {
      const entry = await entries.learner(algorithm)
      if (tensors !== null) return
      const agents = spec.agents.map((_, i) => i)
      const context = { spec, agents, discount, totalSteps: steps, rows, rng: new Rng('check') }
      requireMethods(entry.name, await entry.forms.arrays!(context, algorithm.config))
    })
  }
  for (const baseline of plan.baselines) {
    for (const label of baseline.on) {
      const spec = specs[label]
      if (spec === undefined) continue
      await attempt(`baselines.${baseline.label} on ${label}`, async () => {
        const planned = plan.environments[label]!
        const { train, data } = await entries.world(planned, null)
        const policy = await entries.policy(baseline, train)
        const context = { spec, envConfig: planned.config, ...(data === null ? {} : { data: fewRows(data) }) }
        policy.create(context, policy.schema.parse(baseline.config))
      })
    }
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return specs
}
