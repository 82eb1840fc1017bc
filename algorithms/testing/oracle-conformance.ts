import { afterAll, expect, it } from 'vitest'
import type { Env } from '#env/env.js'
import { Rng } from '#env/rng.js'
import { sampleMasked } from '#env/space.js'
import { ContraryTeam } from '#env/testing/contrary-team.js'
import { VectorEnv } from '#env/vector-env.js'
import { groupOfOne } from '../group-of-one.js'
import type { GroupMember, LearnerEntry, LearnerGroup } from '../learner.js'
import type { TensorBackend } from '../tensor/backend.js'
import { actionsFor, contextFor } from './make-learner.js'
import type { Recorded } from './oracles/recorded-step.js'
import { Recorder } from './recorded-run.js'

/** The uniform numbers that a learner drew in each update, in order. */
export type Draws = readonly (readonly number[])[]

/** A generator that tells what it gave. */
class RecordingRng extends Rng {
  drawn: number[] = []

  override uniform(): number {
    const drawn = super.uniform()
    this.drawn.push(drawn)
    return drawn
  }
}

/** A naive loop of a learner's own target, and how to hold the learner against it. */
export interface LearnerOracle {
  /** What the learner must have learned: its tables one after the other. NaN: nothing says what stands there. */
  expected(recorded: Recorded, discount: number, draws: Draws): readonly (readonly number[])[]
  /** The same numbers of the learner. Default: the tensors of what its policy exports, in their order. */
  found?(learner: GroupMember): readonly ArrayLike<number>[]
}

/** How it is run. */
export interface OracleConformance {
  /** Opens the backend that the tensor form is checked on; absent for arrays. */
  readonly tensors?: () => Promise<TensorBackend>
  /** Agents that it learns for; the others draw among their legal actions. Default: all. */
  readonly agents?: readonly number[]
  /** Where it learns. Default: `ContraryTeam`, which has no step that forgives a wrong target. */
  readonly make?: () => Env
  /** gamma. Default 0.9. */
  readonly discount?: number
  /** Steps of every row. Default 300. */
  readonly steps?: number
  /** Largest error against the expected value (or against 1, where that is smaller). Default 1e-12, on tensors 1e-5. */
  readonly tolerance?: number
}

/**
 * Holds what a learner has learned against a naive loop over the same steps, with 1 and with 7 rows:
 * `describe('x', () => oracleConformance(x, oracle, { learningRate: 0.3 }))`.
 * @param settings - of the learner; the oracle must be told the same
 */
export function oracleConformance(
  entry: LearnerEntry,
  oracle: LearnerOracle,
  settings: object,
  options: OracleConformance = {},
): void {
  const { agents, discount = 0.9, tensors, make = () => new ContraryTeam(), steps = 300 } = options
  const { tolerance = tensors === undefined ? 1e-12 : 1e-5 } = options
  const { found = exportedTensors } = oracle
  const made: LearnerGroup[] = []
  afterAll(() => {
    for (const group of made) group.dispose()
  })

  it.each([1, 7])('equals its naive loop (%i rows)', async (rows) => {
    const config = entry.schema.parse(settings)
    // Oracles read real-valued observations too.
    const env = new VectorEnv(make, rows, 'oracle/env', { actionReward: entry.needs?.(config).actionReward ?? false })
    const rng = new RecordingRng('oracle/learner')
    const context = contextFor(env, {
      discount,
      totalSteps: steps * rows,
      rng,
      ...(agents === undefined ? {} : { agents }),
    })
    const group =
      tensors === undefined
        ? groupOfOne(await entry.forms.arrays!(context, config))
        : await entry.forms.tensors!([context], config, await tensors())
    made.push(group)
    const others = env.spec.agents.map((_, i) => i).filter((i) => agents?.includes(i) === false)
    const luck = new Rng('oracle/others')
    const recorder = new Recorder(env.spec, env.layout)
    const actions = actionsFor(env)
    const draws: number[][] = []
    env.reset()
    for (let k = 0; k < steps; k++) {
      await group.act([env.current], [actions])
      playOthers(env, others, luck, actions)
      const transition = env.step(actions)
      recorder.add(transition)
      rng.drawn = []
      await group.update([transition])
      draws.push(rng.drawn)
    }
    await group.finish()
    await group.settle()
    compare(oracle.expected(recorder.recorded, discount, draws), found(group.members[0]!), tolerance)
  })
}

/** Draws a legal action for some agents of every row; each makes one choice. */
function playOthers({ current, layout, size }: VectorEnv, others: readonly number[], rng: Rng, actions: Int32Array) {
  const { agents, numActions } = layout
  for (let row = 0; row < size; row++) {
    for (const agent of others) {
      const k = row * agents + agent
      actions[k] = Math.max(0, sampleMasked(current.mask, k * numActions, numActions, rng))
    }
  }
}

function compare(
  expected: readonly (readonly number[])[],
  found: readonly ArrayLike<number>[],
  tolerance: number,
): void {
  expect(found.map(({ length }) => length)).toEqual(expected.map(({ length }) => length))
  const wrong: string[] = []
  let moved = 0
  expected.forEach((table, t) => {
    table.forEach((value, entry) => {
      if (value !== table[0]) moved++
      const got = found[t]![entry]!
      if (Number.isNaN(value) || got === value) return
      if (Math.abs(got - value) <= tolerance * Math.max(1, Math.abs(value))) return
      wrong.push(`table ${t}, entry ${entry}: got ${got}, the naive loop has ${value}`)
    })
  })
  expect(wrong.slice(0, 5), `${wrong.length} wrong`).toEqual([])
  expect(moved).toBeGreaterThan(0)
}

/** What a policy that can be saved stores, in the order of its tensors: [f64 of each]. */
function exportedTensors(learner: GroupMember): readonly ArrayLike<number>[] {
  const exported = learner.policy().export?.()
  if (exported === undefined) throw new Error('the policy exports nothing; say with `found` where its numbers are')
  return Object.values(exported.tensors).map(({ data }) => data)
}
