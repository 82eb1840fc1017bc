import { type FactoredPlan, planFactored } from '#algorithms/planning/factored/factored-planning.js'
import { type FactoredMdp, toFactoredMdp } from '#env/mdp/factored-mdp.js'
import type { PolicySetting } from '../../bundles/policy-for.js'
import type { Registry } from '../../modules/registry.js'
import type { CommandLine } from '../command-line.js'
import { printJson, printLines } from '../io.js'
import { describeFactored, type FactoredSolution } from './solution.js'
import type { Comparisons } from './solve-compare.js'

/** What `cadre solve` is asked of an environment in factors. */
interface FactoredTask {
  readonly use: string
  readonly setting: PolicySetting
  readonly gamma: number
  readonly epsilon: number
  readonly compare: readonly string[]
  readonly json: boolean
}

/** Solves a large environment whose model is offered in factors, and holds policies against it. */
export async function solveFactored(task: FactoredTask, { io, registry }: CommandLine): Promise<void> {
  const { use, setting, gamma, epsilon, json } = task
  const began = performance.now()
  const mdp = toFactoredMdp(setting.entry.create(setting.config))
  const plan = planFactored(mdp, { discount: gamma, epsilon })
  const solution: FactoredSolution = {
    start: plan.start,
    error: plan.error,
    value: null,
    policy: null,
    bounds: null,
    iterations: plan.iterations,
    seconds: (performance.now() - began) / 1000,
    states: mdp.numStates,
    actions: mdp.numActions,
    method: plan.method,
    reason: 'many states whose parts move independently between decisions: one small matrix a part',
    form: 'arrays',
    backend: null,
  }
  const compared = task.compare.length === 0 ? null : await compare(task, mdp, plan, registry)
  if (json) printJson(io, { ...solution, ...compared?.document })
  else printLines(io, [...describeFactored(use, { gamma, epsilon }, solution), ...(compared?.lines ?? [])])
}

/** What `--compare` adds, as JSON and in words. */
async function compare(
  { setting, gamma, compare: uses }: FactoredTask,
  mdp: FactoredMdp,
  optimum: FactoredPlan,
  registry: Registry,
): Promise<{ document: Comparisons; lines: string[] }> {
  const { comparePolicies, describeComparisons } = await import('./solve-compare.js')
  const document = await comparePolicies(
    uses,
    { setting, model: mdp, discount: gamma, optimum, spread: null },
    registry,
  )
  return { document, lines: describeComparisons(document, optimum.error) }
}
