import { type CheckResult, ConformanceFailure, fail } from '#env/conformance/check.js'
import { NotEnumerableError, SpaceError } from '#env/errors.js'
import { Rng } from '#env/rng.js'
import { allocateSlots } from '#env/slot.js'
import type { Learner, LearnerEntry, LearnerState } from '../learner.js'
import { CLAIM_DISCOUNT, type Claim, claims } from './claims.js'
import { KnownWorld } from './known-world.js'
import { throughBytes } from './through-bytes.js'
import { startTraining, type Training } from './train-briefly.js'

/** Rows and steps of a training in one world, and how often it is trained anew. */
const ROWS = 4
const STEPS = 3000
const SEEDS = ['first', 'second']
/** Steps of the runs that are compared with one another. */
const SHORT = 120

interface LearnerCheck {
  readonly name: string
  readonly promise: string
  run(entry: LearnerEntry, config: unknown): Promise<void>
}

const behaviour: readonly LearnerCheck[] = [
  {
    name: 'legal',
    promise: 'it chooses legal actions only, exploring and greedy',
    run: (entry, config) =>
      inEachWorld(entry, config, 'legal', async (training) => {
        for (let k = 0; k < SHORT; k++) {
          checkLegal(training, greedyIn(training), 'its greedy policy')
          training.step(() => checkLegal(training, training.actions, 'act'))
        }
      }),
  },
  {
    name: 'same-seed',
    promise: 'equal seeds give equal results',
    run: (entry, config) =>
      inEachWorld(entry, config, 'seed', async (training, start) => {
        const again = await start('seed')
        for (let k = 0; k < SHORT; k++) {
          training.step()
          again.step()
          const i = training.actions.findIndex((action, at) => action !== again.actions[at])
          if (i < 0) continue
          fail(
            `${placeOf(training)}, step ${k}: a second run from the same seed takes action ${again.actions[i]} where the first took ${training.actions[i]}; draw from context.rng only`,
          )
        }
        refuseDifference(
          training,
          'a second run from the same seed',
          again.learner.saveState(),
          training.learner.saveState(),
        )
      }),
  },
  {
    name: 'resumes',
    promise: 'after saveState and loadState it goes on as if it had never stopped',
    run: (entry, config) =>
      inEachWorld(entry, config, 'resume', async (training, start) => {
        for (let k = 0; k < SHORT / 2; k++) training.step()
        const saved = throughBytes(training.learner.saveState())
        const other = await start('elsewhere')
        other.env.loadState(JSON.parse(JSON.stringify(training.env.saveState())))
        other.learner.loadState(saved)
        for (let k = 0; k < SHORT / 2; k++) {
          training.step()
          other.step()
        }
        refuseDifference(
          training,
          'after loadState another learner',
          other.learner.saveState(),
          training.learner.saveState(),
        )
      }),
  },
]

/** The names of all checks, in the order they are run. */
export const learnerCheckNames: readonly string[] = [
  'makes',
  ...behaviour.map(({ name }) => name),
  ...claims.map(({ name }) => name),
  'exceptions',
]

/**
 * Holds a learner against what it promises: legal actions, equal results from equal seeds, exact resuming; and, by the choices
 * of its greedy policy after some training in worlds of a few states, that its targets are right. What it doesn't claim
 * it declares in `exceptions`, with why. Never throws; whatever the learner throws is a failed check.
 */
export async function checkLearner(
  entry: LearnerEntry,
  config: unknown,
): Promise<{ readonly ok: boolean; readonly checks: readonly CheckResult[] }> {
  const makes = await runCheck('makes', 'it is made, and has the methods of a learner', async () => {
    const refusals: string[] = []
    for (const { world } of claims) {
      const refusal = await refusalOf(() => start(entry, config, world.name, 'makes'))
      if (refusal === undefined) return
      refusals.push(refusal)
    }
    fail(`it refuses every world there is to check it in; the first: ${refusals[0]}`)
  })
  const checks = [makes]
  for (const { name, promise, run } of behaviour) {
    checks.push(makes.ok ? await runCheck(name, promise, () => run(entry, config)) : notRun(name))
  }
  for (const claim of claims) {
    const why = entry.exceptions?.[claim.name]
    if (why !== undefined) checks.push({ name: claim.name, ok: true, message: `not claimed: ${why}` })
    else checks.push(makes.ok ? await runClaim(claim, entry, config) : notRun(claim.name))
  }
  checks.push(await runCheck('exceptions', 'what it does not claim has a reason', async () => checkExceptions(entry)))
  return { ok: checks.every(({ ok }) => ok), checks }
}

function checkExceptions({ exceptions = {} }: LearnerEntry): void {
  const known = claims.map(({ name }) => name)
  for (const [name, why] of Object.entries(exceptions)) {
    if (!known.includes(name)) fail(`exceptions.${name}: no such property; known: ${known.join(', ')}`)
    if (typeof why !== 'string' || why.trim() === '')
      fail(`exceptions.${name}: expected why, as text, got ${JSON.stringify(why)}`)
  }
}

async function runClaim(claim: Claim, entry: LearnerEntry, config: unknown): Promise<CheckResult> {
  const { name, world } = claim
  const refusal = await refusalOf(() => start(entry, config, name, 'refusal'))
  if (refusal !== undefined) return { name, ok: true, message: `does not apply: ${refusal}` }
  return runCheck(name, claim.promise, async () => {
    for (const seed of SEEDS) {
      const training = await start(entry, config, name, seed)
      for (let k = 0; k < STEPS; k++) training.step()
      training.learner.finish?.()
      for (const { state, agent, right } of claim.decisions) {
        const chosen = choiceIn(training.learner, new KnownWorld(world), state)[agent]!
        if (chosen === right) continue
        const who = `agent "${world.agents[agent]}"`
        fail(
          `after ${ROWS * STEPS} steps the greedy policy of ${who} takes action ${chosen} in state ${state}, the better one is ${right}: ${claim.otherwise}; or say why not in exceptions.${name}`,
        )
      }
    }
  })
}

function start(entry: LearnerEntry, config: unknown, name: string, seed: string): Promise<Training> {
  const { world } = claims.find((claim) => claim.name === name)!
  const options = { discount: CLAIM_DISCOUNT, rows: ROWS, steps: STEPS, seed: `check/${seed}` }
  return startTraining(entry, config, () => new KnownWorld(world), options)
}

/** Runs something in every world that the learner serves. */
async function inEachWorld(
  entry: LearnerEntry,
  config: unknown,
  seed: string,
  run: (training: Training, start: (seed: string) => Promise<Training>) => Promise<void>,
): Promise<void> {
  for (const { name } of claims) {
    const again = (other: string) => start(entry, config, name, other)
    if ((await refusalOf(() => again(seed))) !== undefined) continue
    await run(await again(seed), again)
  }
}

/** Why a learner can't serve a world, in its own words; undefined where it can. */
async function refusalOf(make: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await make()
    return undefined
  } catch (error) {
    if (error instanceof SpaceError || error instanceof NotEnumerableError) return error.message
    throw error
  }
}

/** What the greedy policy does in a state, [N]. */
function choiceIn(learner: Learner, world: KnownWorld, state: number): Int32Array {
  const buffers = allocateSlots(world.spec, 1)
  world.bind(buffers.rows[0]!)
  world.show(state)
  const out = new Int32Array(world.spec.agents.length)
  learner.policy().act({ ...buffers, size: 1 }, new Rng('unused'), out)
  return out
}

function greedyIn({ env, learner, actions }: Training): Int32Array {
  const out = new Int32Array(actions.length)
  learner.policy().act(env.current, new Rng('unused'), out)
  return out
}

function checkLegal({ env }: Training, actions: Int32Array, what: string): void {
  const { agents, numActions } = env.layout
  actions.forEach((action, k) => {
    const isThere = env.current.alive[k] === 1
    if (isThere ? env.current.mask[k * numActions + action] === 1 : action === 0 || action === -1) return
    const where = `in ${env.spec.id}, row ${Math.floor(k / agents)}, agent "${env.spec.agents[k % agents]!.name}"`
    const expected = isThere ? 'choose by the mask' : 'it is not there: leave 0'
    fail(`${where}: ${what} chose action ${action}, which is not legal; ${expected}`)
  })
}

function refuseDifference(training: Training, what: string, got: LearnerState, expected: LearnerState): void {
  const place = firstDifference(got, expected)
  if (place === undefined) return
  fail(`${placeOf(training)}: ${what} differs in ${place}; save everything that later steps read, context.rng included`)
}

function firstDifference(got: LearnerState, expected: LearnerState): string | undefined {
  for (const [name, array] of Object.entries(expected.arrays)) {
    const other = got.arrays[name]
    const at = array.findIndex((value, k) => !Object.is(value, other?.[k]))
    if (other?.length !== array.length || at >= 0) return `arrays.${name}${at >= 0 ? `[${at}]` : ''}`
  }
  for (const [name, value] of Object.entries(expected.data)) {
    if (JSON.stringify(got.data[name]) !== JSON.stringify(value)) return `data.${name}`
  }
  return undefined
}

function placeOf({ env }: Training): string {
  return `in ${env.spec.id}`
}

async function runCheck(name: string, promise: string, run: () => Promise<void>): Promise<CheckResult> {
  try {
    await run()
    return { name, ok: true, message: promise }
  } catch (error) {
    if (error instanceof ConformanceFailure) return { name, ok: false, message: error.message }
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    return { name, ok: false, message: `the learner threw ${what}` }
  }
}

function notRun(name: string): CheckResult {
  return { name, ok: false, message: 'not run: put makes right first' }
}
