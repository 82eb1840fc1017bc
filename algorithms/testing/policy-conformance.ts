import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Policy, PolicyBatch } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'
import { type EnvSpec, layoutOf } from '#env/spec.js'

const ROWS = 8

/** What any policy promises, on random masks and observations: `describe('x', () => policyConformance(spec, make))`. */
export function policyConformance(spec: EnvSpec, make: (spec: EnvSpec) => Policy): void {
  const layout = layoutOf(spec)
  const { agents, numActions } = layout
  const check = (property: (batch: PolicyBatch, policy: Policy, seed: string) => void) =>
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const policy = make(spec)
        property(randomBatch(spec, policy, new Rng(seed)), policy, seed)
      }),
      { numRuns: 50 },
    )
  const act = (policy: Policy, batch: PolicyBatch, seed: string) => {
    const out = new Int32Array(ROWS * agents).fill(-7)
    policy.act(batch, new Rng(seed), out)
    return out
  }

  it('chooses a legal action for every agent of every row', () => {
    check((batch, policy, seed) => {
      act(policy, batch, seed).forEach((action, k) => {
        expect(action).toBeGreaterThanOrEqual(0)
        expect(action).toBeLessThan(numActions)
        expect(batch.mask[k * numActions + action]).toBe(1)
      })
    })
  })

  it('does the same again given the same batch and generator, and changes neither views nor memory', () => {
    check((batch, policy, seed) => {
      const before = structuredClone({ ...batch })
      const first = act(policy, batch, seed)
      expect(act(policy, batch, seed)).toEqual(first)
      expect(act(make(spec), batch, seed)).toEqual(first)
      expect({ ...batch }).toEqual(before)
    })
  })

  it('treats each row by itself', () => {
    check((batch, policy, seed) => {
      if (policy.probabilities !== undefined) return
      const all = act(policy, batch, seed)
      for (let row = 0; row < ROWS; row++) {
        const one = new Int32Array(agents)
        policy.act(rowOf(batch, row), new Rng('another generator'), one)
        expect([...one]).toEqual([...all.subarray(row * agents, (row + 1) * agents)])
      }
    })
  })

  it('survives an agent without legal actions (it no longer acts)', () => {
    check((batch, policy, seed) => {
      batch.mask.fill(0, 0, numActions)
      expect(act(policy, batch, seed)[0]).toBe(0)
    })
  })

  it('states probabilities, if any, that sum to 1 over legal actions and that its draws follow', () => {
    check((batch, policy, seed) => {
      if (policy.probabilities === undefined) return
      const p = new Float64Array(ROWS * agents * numActions)
      policy.probabilities(batch, p)
      for (let k = 0; k < ROWS * agents; k++) {
        let sum = 0
        for (let a = k * numActions; a < (k + 1) * numActions; a++) {
          sum += p[a]!
          expect(p[a]).toBeGreaterThanOrEqual(0)
          if (batch.mask[a] === 0) expect(p[a]).toBe(0)
        }
        expect(sum).toBeCloseTo(1, 12)
      }
      act(policy, batch, seed).forEach((action, k) => {
        expect(p[k * numActions + action]).toBeGreaterThan(0)
      })
    })
    drawsFollowProbabilities()
  })

  it('gives scores, if any, that its actions maximise, with illegal actions at -Infinity', () => {
    check((batch, policy, seed) => {
      if (policy.scores === undefined) return
      const scores = new Float64Array(ROWS * agents * numActions)
      policy.scores(batch, scores)
      const chosen = act(policy, batch, seed)
      for (let k = 0; k < ROWS * agents; k++) {
        const row = scores.subarray(k * numActions, (k + 1) * numActions)
        row.forEach((score, a) => {
          expect(Number.isNaN(score)).toBe(false)
          if (batch.mask[k * numActions + a] === 0) expect(score).toBe(Number.NEGATIVE_INFINITY)
        })
        if (policy.probabilities === undefined) expect(row[chosen[k]!]).toBe(Math.max(...row))
      }
    })
  })

  it('keeps its memory, if any, among its values', () => {
    check((batch, policy, seed) => {
      const { memory } = policy
      if (memory === undefined) return
      expect(memory.initial).toBeLessThan(memory.size)
      const actions = act(policy, batch, seed)
      for (let row = 0; row < ROWS; row++) {
        const next = memory.next(batch.memory![row]!, actions, row * agents)
        expect(Number.isInteger(next) && next >= 0 && next < memory.size).toBe(true)
      }
    })
  })

  /** 4000 draws from one batch: frequencies within five standard deviations. */
  function drawsFollowProbabilities(): void {
    const policy = make(spec)
    if (policy.probabilities === undefined) return
    const batch = randomBatch(spec, policy, new Rng('frequencies'))
    const p = new Float64Array(ROWS * agents * numActions)
    policy.probabilities(batch, p)
    const rng = new Rng('draws')
    const count = new Float64Array(p.length)
    const out = new Int32Array(ROWS * agents)
    const draws = 4000
    for (let draw = 0; draw < draws; draw++) {
      policy.act(batch, rng, out)
      out.forEach((action, k) => {
        count[k * numActions + action]!++
      })
    }
    p.forEach((probability, a) => {
      const deviation = Math.sqrt((probability * (1 - probability)) / draws)
      expect(Math.abs(count[a]! / draws - probability)).toBeLessThanOrEqual(5 * deviation + 1e-12)
    })
  }
}

/** Random views: every agent has a legal action among those it really has. */
function randomBatch(spec: EnvSpec, policy: Policy, rng: Rng): PolicyBatch {
  const layout = layoutOf(spec)
  const { agents, numActions, observationSize, actionsOf, stateSize } = layout
  const mask = new Uint8Array(ROWS * agents * numActions)
  for (let k = 0; k < ROWS * agents; k++) {
    const n = actionsOf[k % agents]!
    for (let a = 0; a < n; a++) mask[k * numActions + a] = rng.integer(2)
    mask[k * numActions + rng.integer(n)] = 1
  }
  const perAgent = (draw: (agent: number) => number) =>
    Int32Array.from({ length: ROWS * agents }, (_, k) => draw(k % agents))
  const columns = Math.max(...spec.agents.map(({ numFeatures = 0 }) => numFeatures))
  return {
    ...(columns > 0 ? { features: randomFeatures(columns, rng), featureRow: perAgent(() => rng.integer(5) - 1) } : {}),
    layout,
    size: ROWS,
    observation: Float32Array.from({ length: ROWS * agents * observationSize }, () => 2 * rng.uniform() - 1),
    mask,
    observationId: perAgent((agent) => rng.integer(Math.max(1, spec.agents[agent]!.numObservations))),
    stateId: Int32Array.from({ length: ROWS }, () => rng.integer(Math.max(1, spec.numStates))),
    state: Float32Array.from({ length: ROWS * stateSize }, () => rng.uniform()),
    memory: Int32Array.from({ length: ROWS }, () => rng.integer(policy.memory?.size ?? 1)),
  }
}

/** Four rows with some columns each. */
function randomFeatures(columns: number, rng: Rng): SparseMatrix {
  const index: number[] = []
  const rowStart = [0]
  for (let row = 0; row < 4; row++) {
    for (let j = 0; j < columns; j++) if (rng.uniform() < 0.3) index.push(j)
    rowStart.push(index.length)
  }
  return {
    rows: 4,
    columns,
    rowStart: Int32Array.from(rowStart),
    index: Int32Array.from(index),
    value: Float32Array.from(index, () => 2 * rng.uniform() - 1),
  }
}

/** One row as a batch of its own. */
function rowOf(batch: PolicyBatch, row: number): PolicyBatch {
  const part = <T extends Float32Array | Int32Array | Uint8Array>(array: T): T => {
    const width = array.length / batch.size
    return array.slice(row * width, (row + 1) * width) as T
  }
  return {
    ...(batch.features === undefined ? {} : { features: batch.features, featureRow: part(batch.featureRow!) }),
    layout: batch.layout,
    size: 1,
    observation: part(batch.observation),
    mask: part(batch.mask),
    observationId: part(batch.observationId),
    stateId: part(batch.stateId),
    state: part(batch.state),
    memory: part(batch.memory!),
  }
}
