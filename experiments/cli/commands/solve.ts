import { type Command, Option } from 'commander'
import type { Plan } from '#algorithms/planning/planner.js'
import { UsageError } from '#env/errors.js'
import type { PolicySetting } from '../../bundles/policy-for.js'
import { addCommand, addSetOption, type CommandLine, type CommonOptions, numberArgument } from '../command-line.js'
import { printJson, printLines } from '../io.js'
import { backendChoices } from './doctor.js'
import { describe, describeAverage, type Solution } from './solution.js'
import { solveAverage } from './solve-average.js'
import type { Comparisons } from './solve-compare.js'
import { type Problem, readModel } from './solve-problem.js'
import { checkForm, type FormOptions, forms, planOnTensors } from './solve-tensors.js'

interface SolveOptions extends CommonOptions, FormOptions {
  readonly gamma?: number
  readonly epsilon: number
  readonly method: string
  readonly horizon?: number
  readonly threads?: number
  readonly average?: true
  readonly compare: string[]
  readonly out?: string
  readonly set: string[]
  readonly settings?: string
}

/** The names of `--method`; a test holds them to `planners`. */
export const methods = [
  'auto',
  'value-iteration',
  'policy-iteration',
  'modified-policy-iteration',
  'backward-induction',
  'stochastic-shortest-path',
] as const

/** `cadre solve ENV` */
export function addSolve(program: Command, line: CommandLine): void {
  const command = addCommand(program, 'solve', 'solve an environment exactly: optimal values with bounds, and a policy')
    .argument('<env>', 'name of an environment, or path of a file that exports one')
    .option(
      '--gamma <number>',
      'discount, in [0, 1]; 1 where episodes can be brought to an end from every state',
      numberArgument('a number in [0, 1]', (gamma) => gamma >= 0 && gamma <= 1),
    )
    .option(
      '--epsilon <number>',
      'how far from optimal the policy may be, reward units',
      numberArgument('a number > 0', (epsilon) => epsilon > 0 && epsilon < Number.POSITIVE_INFINITY),
      1e-6,
    )
    .addOption(new Option('--method <name>', 'planner; auto chooses and says why').choices(methods).default('auto'))
    .option(
      '--horizon <steps>',
      'the best over so many steps, and what to do at each',
      numberArgument('an integer of at least 1', (steps) => Number.isSafeInteger(steps) && steps >= 1),
    )
    .option(
      '--threads <n>',
      'threads that share the sweeps of --method modified-policy-iteration; the answer is the same',
      numberArgument('an integer in 1..64', (n) => Number.isInteger(n) && n >= 1 && n <= 64),
    )
    .option(
      '--average',
      'the best reward a step (a unit of time where steps take time) in the long run, instead of a discounted sum',
    )
    .option(
      '--compare <policy>',
      "a policy's exact value and regret: folder of a bundle, name or file; repeatable",
      (use: string, before: string[]) => [...before, use],
      [],
    )
    .option(
      '--out <file>',
      'draw the values and policies of a grid, or the flow of questions through a pipeline: .html or .png',
    )
    .option('--settings <file>', 'YAML or JSON with settings of the environment; --set changes them')
    .addOption(new Option('--form <name>', 'where value iteration runs').choices(forms).default('arrays'))
    .addOption(
      new Option('--backend <name>', 'of tensors; auto takes the first that cadre doctor lists').choices(
        backendChoices,
      ),
    )
    .action(async (use: string, options: SolveOptions) => {
      checkUsage(options)
      checkForm(options)
      const setting = await readSetting(use, options, line)
      if (await isSolvedInFactors(setting, options)) {
        const { solveFactored } = await import('./solve-factored.js')
        const { gamma, epsilon, compare, json = false } = options
        return solveFactored({ use, setting, gamma: gamma!, epsilon, compare, json }, line)
      }
      const problem = await readModel(setting, options.compare.length > 0)
      const picture = options.out === undefined ? null : await import('./solve-picture.js')
      picture?.checkPicture(options.out!, problem.setting)
      if (options.average === true) {
        const solution = await solveAverage(problem, options.epsilon)
        if (options.json === true) printJson(line.io, solution)
        else
          printLines(
            line.io,
            describeAverage(
              use,
              solution,
              options.epsilon,
              problem.model.elapsed === undefined ? 'step' : 'unit of time',
            ),
          )
        return
      }
      const solution = await (options.horizon === undefined ? solve : solveHorizon)(problem, options)
      const compared = options.compare.length === 0 ? null : await compare(problem, options, solution, line)
      const solved = {
        value: inModel(problem, solution),
        policy: Int32Array.from(problem.model.stateIds, (id) => solution.policy[id] ?? 0),
        within: options.epsilon / 2,
        discount: options.gamma!,
      }
      const file = await picture?.drawSolution(options.out!, problem, solved, options.compare, line)
      if (options.json === true) printJson(line.io, { ...solution, ...compared?.document, ...(file && { file }) })
      else
        printLines(line.io, [...describe(use, options, solution), ...(compared?.lines ?? []), ...(file ? [file] : [])])
    })
  addSetOption(command, 'a setting of the environment, such as map=8x8; repeatable')
}

/** @throws UsageError for options that don't go together */
function checkUsage({ gamma, method, horizon, average, compare, out, threads }: SolveOptions): void {
  if (threads !== undefined && method !== 'modified-policy-iteration') {
    throw new UsageError(
      'cadre solve: --threads share sweeps of --method modified-policy-iteration; name that method too',
    )
  }
  if (out !== undefined && (average === true || horizon !== undefined)) {
    throw new UsageError('cadre solve: --out draws discounted sums; leave out --average and --horizon')
  }
  if (compare.length > 0 && (average === true || horizon !== undefined)) {
    throw new UsageError(
      'cadre solve: --compare holds discounted sums against each other; leave out --average and --horizon',
    )
  }
  if (average === true) {
    if (gamma !== undefined || horizon !== undefined || method !== 'auto') {
      throw new UsageError('cadre solve: --average has no discount, horizon or other method; leave them out')
    }
    return
  }
  if (gamma === undefined)
    throw new UsageError("cadre: required option '--gamma <number>' not specified; or --average for the average reward")
  if (horizon !== undefined && method !== 'auto') {
    throw new UsageError('cadre solve: --horizon has one method, backward over time; leave out --method')
  }
}

async function readSetting(use: string, options: SolveOptions, { registry }: CommandLine): Promise<PolicySetting> {
  const { loadEnvironment } = await import('../../config/load-environment.js')
  const { set, settings } = options
  const given = { set, registry, ...(settings === undefined ? {} : { settings }) }
  const { world, config } = await loadEnvironment(use, process.cwd(), given)
  return { entry: world.train, config, spec: world.train.create(config).spec }
}

/** Whether a discounted optimum is asked for in any way, and the environment is a large one in factors. */
async function isSolvedInFactors({ entry, config }: PolicySetting, options: SolveOptions): Promise<boolean> {
  const { average, horizon, out, form, method } = options
  if (average === true || horizon !== undefined || out !== undefined || form !== 'arrays' || method !== 'auto')
    return false
  const { isFactored } = await import('../../evaluation/model-cache.js')
  return options.gamma! < 1 && isFactored(entry, config)
}

async function solve(problem: Problem, options: SolveOptions): Promise<Solution> {
  const { gamma, epsilon, method } = options
  if (options.form === 'tensors') {
    const { plan, form } = await planOnTensors(problem.model, { discount: gamma!, epsilon }, options)
    return { ...solution(problem, plan), ...form }
  }
  const { planners } = await import('#algorithms/planning/planners.js')
  const settings = { discount: gamma!, epsilon }
  if (options.threads !== undefined) {
    const { SweepCrew } = await import('../../sweep-crew/sweep-crew.js')
    const crew = await SweepCrew.start(options.threads)
    try {
      return solution(problem, crew.planner().plan(problem.model, settings))
    } finally {
      await crew.close()
    }
  }
  const planner = planners.find(({ name }) => name === method)!
  return solution(problem, planner.plan(problem.model, settings))
}

/** What `--compare` adds, as JSON and in words. */
async function compare(
  problem: Problem,
  { gamma, epsilon, compare: uses }: SolveOptions,
  solution: Solution,
  { registry }: CommandLine,
): Promise<{ document: Comparisons; lines: string[] }> {
  const { comparePolicies, describeComparisons } = await import('./solve-compare.js')
  const { model, setting, spread } = problem
  const optimum = { start: solution.start, value: inModel(problem, solution), error: epsilon / 2 }
  const document = await comparePolicies(uses, { setting, model, discount: gamma!, optimum, spread }, registry)
  return { document, lines: describeComparisons(document, epsilon / 2) }
}

/** V* on the model's states, f64 [S]. */
function inModel({ model }: Problem, { value }: Solution): Float64Array {
  return Float64Array.from(model.stateIds, (id) => value[id]!)
}

async function solveHorizon(problem: Problem, { gamma, horizon }: SolveOptions): Promise<Solution> {
  const { finiteHorizon } = await import('#algorithms/planning/finite-horizon.js')
  const { model, spread } = problem
  const { value, policy, error } = finiteHorizon(model, { discount: gamma!, horizonSteps: horizon! })
  const off = (sign: number) => value[0]!.map((v, s) => (model.terminal[s] === 1 ? 0 : v + sign * error[0]!))
  const first = {
    value: value[0]!,
    policy: policy[0]!,
    lower: off(-1),
    upper: off(1),
    iterations: horizon!,
    method: 'finite-horizon',
    reason: 'a horizon was given: one backward sweep a step is exact',
  }
  return { ...solution(problem, first), schedule: { value: value.map(spread), policy: policy.map(spread) } }
}

function solution({ model, spread, counts }: Problem, plan: Plan): Solution {
  const { states, actions, seconds } = counts()
  return {
    start: model.start.reduce((sum, probability, s) => sum + probability * plan.value[s]!, 0),
    value: spread(plan.value),
    policy: spread(plan.policy),
    bounds: { lower: spread(plan.lower), upper: spread(plan.upper) },
    iterations: plan.iterations,
    seconds,
    states,
    actions,
    method: plan.method,
    reason: plan.reason ?? null,
    form: 'arrays',
    backend: null,
  }
}
