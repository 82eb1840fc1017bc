import { afterAll, expect, it } from 'vitest'
import type { Env } from '#env/env.js'
import { Rng } from '#env/rng.js'
import { ContraryTeam } from '#env/testing/contrary-team.js'
import { groupOfOne } from '../group-of-one.js'
import type { GroupMember, LearnerEntry, LearnerGroup } from '../learner.js'
import type { TensorBackend } from '../tensor/backend.js'
import type { Recorded } from './oracles/recorded-step.js'
import { Recorder } from './recorded-run.js'
import { WholeEnv } from './whole-env.js'

const DISCOUNT = 0.9

/** A naive loop of a learner's own target, and how to hold the learner against it. */
export interface LearnerOracle {
  /** What the learner must have learned: its tables one after the other. NaN: nothing says what stands there. */
  expected(recorded: Recorded, discount: number): readonly (readonly number[])[]
  /** The same numbers of the learner. Default: the tensors of what its policy exports, in their order. */
  found?(learner: GroupMember): readonly ArrayLike<number>[]
}

/** How it is run. */
export interface OracleConformance {
  /** Opens the backend that the tensor form is checked on; absent for arrays. */
  readonly tensors?: () => Promise<TensorBackend>
  /** Where it learns. Default: `ContraryTeam`, which has no step that forgives a wrong target. */
  readonly make?: () => Env
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
  const { tensors, make = () => new ContraryTeam(), steps = 300 } = options
  const { tolerance = tensors === undefined ? 1e-12 : 1e-5 } = options
  const { found = exportedTensors } = oracle
  const made: LearnerGroup[] = []
  afterAll(() => {
    for (const group of made) group.dispose()
  })

  it.each([1, 7])('equals its naive loop (%i rows)', async (rows) => {
    const config = entry.schema.parse(settings)
    const whole = new WholeEnv(make, rows, 'oracle/env', { actionReward: entry.asksActionRewards?.(config) ?? false })
    const { env } = whole
    const rng = new Rng('oracle/learner')
    const context = { spec: env.spec, discount: DISCOUNT, totalSteps: steps * rows, rows, rng }
    const group =
      tensors === undefined
        ? groupOfOne(entry.create(context, config))
        : entry.tensors!([context], config, await tensors())
    made.push(group)
    const recorder = new Recorder(env.spec, env.layout)
    const actions = new Int32Array(rows * env.layout.agents)
    for (let k = 0; k < steps; k++) {
      await group.act([env], [actions])
      recorder.add(whole.step(actions))
      await group.update([env], [actions])
    }
    await group.settle()
    compare(oracle.expected(recorder.recorded, DISCOUNT), found(group.members[0]!), tolerance)
  })
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
