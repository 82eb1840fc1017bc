import { type Command, Option } from 'commander'
import type { ValueIterationResult } from '#algorithms/planning/value-iteration.js'
import { UsageError } from '#env/errors.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import { addCommand, addSetOption, type CommandLine, type CommonOptions, numberArgument } from '../command-line.js'
import { printJson, printLines } from '../io.js'

interface SolveOptions extends CommonOptions {
  readonly gamma: number
  readonly epsilon: number
  readonly method: string
  readonly set: string[]
}

/** What `cadre solve --json` prints; arrays are by the environment's own state numbers, unreachable states null. */
export interface Solution {
  /** V* under the start distribution. */
  readonly start: number
  /** Within epsilon / 2 of V*; terminal states 0. */
  readonly value: readonly (number | null)[]
  /** Joint actions, the last agent's fastest; terminal states -1. */
  readonly policy: readonly (number | null)[]
  readonly bounds: { readonly lower: readonly (number | null)[]; readonly upper: readonly (number | null)[] }
  readonly iterations: number
  readonly seconds: number
  /** Reachable ones, terminal ones included. */
  readonly states: number
  /** Joint actions. */
  readonly actions: number
}

/** `cadre solve ENV` */
export function addSolve(program: Command, line: CommandLine): void {
  const command = addCommand(program, 'solve', 'solve an environment exactly: optimal values with bounds, and a policy')
    .argument('<env>', 'name of an environment, or path of a file that exports one')
    .requiredOption(
      '--gamma <number>',
      'discount, in [0, 1]; 1 only where no state can be reached again',
      numberArgument('a number in [0, 1]', (gamma) => gamma >= 0 && gamma <= 1),
    )
    .option(
      '--epsilon <number>',
      'how far from optimal the policy may be, reward units',
      numberArgument('a number > 0', (epsilon) => epsilon > 0 && epsilon < Number.POSITIVE_INFINITY),
      1e-6,
    )
    .addOption(new Option('--method <name>', 'planner').choices(['value-iteration']).default('value-iteration'))
    .action(async (use: string, options: SolveOptions) => {
      const solution = await solve(use, options, line)
      if (options.json === true) printJson(line.io, solution)
      else printLines(line.io, describe(use, options, solution))
    })
  addSetOption(command, 'a setting of the environment, such as map=8x8; repeatable')
}

async function solve(use: string, options: SolveOptions, { registry }: CommandLine): Promise<Solution> {
  const { loadEnvironment } = await import('../../config/load-environment.js')
  const { toJointMdp } = await import('#env/mdp/enumerate.js')
  const { valueIteration } = await import('#algorithms/planning/value-iteration.js')
  const { world, config } = await loadEnvironment(use, process.cwd(), { set: options.set, registry })
  const began = performance.now()
  const env = world.train.create(config)
  const { numStates } = env.spec
  const model = toJointMdp(env, { observation: false, state: false })
  const solved =
    options.gamma < 1
      ? valueIteration(model, { discount: options.gamma, epsilon: options.epsilon })
      : await solveOnce(model, use)
  return inEnvironmentNumbers(model, solved, numStates, (performance.now() - began) / 1000)
}

/** At discount 1: one backward pass, exact but for rounding. */
async function solveOnce(model: JointMdp, use: string): Promise<ValueIterationResult> {
  const { backwardInduction } = await import('#algorithms/planning/backward-induction.js')
  const solved = backwardInduction(model, 1)
  if (solved === null) {
    throw new UsageError(
      `${use}: at gamma 1 expected episodes that never come back to a state, but this model has cycles; use a gamma below 1`,
    )
  }
  return { ...solved, lower: solved.value, upper: solved.value, iterations: 1, method: 'backward-induction' }
}

function inEnvironmentNumbers(
  model: JointMdp,
  solved: ValueIterationResult,
  numStates: number,
  seconds: number,
): Solution {
  const spread = (values: ArrayLike<number>) => {
    const out = new Array<number | null>(numStates).fill(null)
    for (let s = 0; s < model.numStates; s++) out[model.stateIds[s]!] = values[s]!
    return out
  }
  return {
    start: model.start.reduce((sum, probability, s) => sum + probability * solved.value[s]!, 0),
    value: spread(solved.value),
    policy: spread(solved.policy),
    bounds: { lower: spread(solved.lower), upper: spread(solved.upper) },
    iterations: solved.iterations,
    seconds,
    states: model.numStates,
    actions: model.numActions,
  }
}

function describe(use: string, { gamma, epsilon }: SolveOptions, solution: Solution): string[] {
  const { start, states, actions, iterations, seconds, value } = solution
  return [
    `${use}, gamma ${gamma}: V*(start) = ${start.toPrecision(10)}, within ${epsilon / 2}`,
    `${states} reachable states of ${value.length}, ${actions} joint actions; ${iterations} sweeps in ${seconds.toFixed(2)} s`,
    'values, policy and bounds of every state: --json',
  ]
}
