import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Policy, PolicyBatch } from '#env/policy.js'
import { selectRowsOf } from '#env/policy-batch.js'
import { withMemory } from '#env/policy-memory.js'
import { Rng } from '#env/rng.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'
import { type EnvSpec, layoutOf } from '#env/spec.js'

const ROWS = 8

/**
 * What any policy promises, on random masks and observations, and on memories that it can come to:
 * `describe('x', () => policyConformance(spec, make))`.
 */
export function policyConformance(spec: EnvSpec, make: (spec: EnvSpec) => Policy): void {
  const layout = layoutOf(spec)
  const { agents, numActions } = layout
  const check = (property: (batch: PolicyBatch, policy: Policy, seed: string) => void) =>
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const policy = make(spec)
        property(rememberedBatch(spec, policy, seed), policy, seed)
      }),
      { numRuns: 50 },
    )
  /** Acts on a copy of the memory: the batch stays as it is. */
  const played = (policy: Policy, batch: PolicyBatch, seed: string) => {
    const memory = batch.memory?.slice()
    const actions = new Int32Array(batch.size * agents).fill(-7)
    policy.act(memory === undefined ? batch : { ...batch, memory }, new Rng(seed), actions)
    return { actions, memory }
  }
  /** Everything a policy says of a batch but for what it draws. */
  const said = (policy: Policy, batch: PolicyBatch) => {
    const { actions, memory } = played(policy, batch, 'said')
    const table = (write?: (batch: PolicyBatch, out: Float64Array) => void) => {
      const out = new Float64Array(batch.size * agents * numActions)
      write?.call(policy, batch, out)
      return out
    }
    const draws = policy.probabilities !== undefined
    return {
      actions: draws ? new Int32Array(0) : actions,
      memory: memory ?? new Float32Array(0),
      scores: table(policy.scores),
      probabilities: table(policy.probabilities),
    }
  }
  /** The part of agent k, counted over all rows. */
  const partOf = (all: ReturnType<typeof said>, k: number) => {
    const parts = all.scores.length / numActions
    return Object.entries(all).map(([name, values]) => {
      const width = values.length / parts
      return [name, [...values.subarray(k * width, (k + 1) * width)]]
    })
  }

  it('chooses a legal action for every agent of every row', () => {
    check((batch, policy, seed) => {
      played(policy, batch, seed).actions.forEach((action, k) => {
        expect(action).toBeGreaterThanOrEqual(0)
        expect(action).toBeLessThan(numActions)
        expect(batch.mask[k * numActions + action]).toBe(1)
      })
    })
  })

  it('does and remembers the same again given the same batch and generator, and changes no view', () => {
    check((batch, policy, seed) => {
      const before = structuredClone({ ...batch })
      const first = played(policy, batch, seed)
      expect(played(policy, batch, seed)).toEqual(first)
      expect(played(make(spec), batch, seed)).toEqual(first)
      expect({ ...batch }).toEqual(before)
    })
  })

  it('treats each row by itself', () => {
    check((batch, policy) => {
      const all = said(policy, batch)
      for (let row = 0; row < ROWS; row++) {
        const one = said(policy, selectRowsOf(batch, [row]))
        for (let i = 0; i < agents; i++) expect(partOf(one, i)).toEqual(partOf(all, row * agents + i))
      }
    })
  })

  it('survives an agent that does not act: it takes 0 and keeps its memory', () => {
    check((batch, policy, seed) => {
      batch.mask.fill(0, 0, numActions)
      const alive = new Uint8Array(ROWS * agents).fill(1).fill(0, 0, 1)
      for (const one of [batch, { ...batch, alive }]) {
        const { actions, memory } = played(policy, one, seed)
        expect(actions[0]).toBe(0)
        const size = policy.memory?.size ?? 0
        expect(memory?.subarray(0, size)).toEqual(batch.memory?.subarray(0, size))
      }
    })
  })

  it('keeps to what it says it observes: what others see and remember changes nothing for an agent', () => {
    check((batch, policy, seed) => {
      const other = rememberedBatch(spec, policy, `${seed}, another`)
      const before = said(policy, batch)
      for (let i = 0; i < agents; i++) {
        const changed = mixed(batch, other, i, policy.observes === 'global')
        const after = said(policy, changed)
        for (let row = 0; row < ROWS; row++) {
          expect(partOf(after, row * agents + i)).toEqual(partOf(before, row * agents + i))
        }
      }
    })
  })

  it('remembers the same whatever it draws', () => {
    check((batch, policy, seed) => {
      const { memory } = played(policy, batch, seed)
      for (const draw of ['a', 'b', 'c']) expect(played(policy, batch, draw).memory).toEqual(memory)
    })
  })

  it('reads its memory for scores and probabilities, and leaves it alone', () => {
    check((batch, policy) => {
      const before = structuredClone({ ...batch })
      const out = new Float64Array(ROWS * agents * numActions)
      policy.scores?.(batch, out)
      policy.probabilities?.(batch, out)
      expect({ ...batch }).toEqual(before)
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
      played(policy, batch, seed).actions.forEach((action, k) => {
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
      const { actions } = played(policy, batch, seed)
      for (let k = 0; k < ROWS * agents; k++) {
        const row = scores.subarray(k * numActions, (k + 1) * numActions)
        row.forEach((score, a) => {
          expect(Number.isNaN(score)).toBe(false)
          if (batch.mask[k * numActions + a] === 0) expect(score).toBe(Number.NEGATIVE_INFINITY)
        })
        if (policy.probabilities === undefined) expect(row[actions[k]!]).toBe(Math.max(...row))
      }
    })
  })

  it('remembers numbers, if anything', () => {
    check((batch, policy, seed) => {
      const { memory } = played(policy, batch, seed)
      expect(memory?.length ?? 0).toBe(ROWS * agents * (policy.memory?.size ?? 0))
      expect(memory?.some(Number.isNaN) ?? false).toBe(false)
    })
  })

  /** 4000 draws from one batch: frequencies within five standard deviations. */
  function drawsFollowProbabilities(): void {
    const policy = make(spec)
    if (policy.probabilities === undefined) return
    const batch = rememberedBatch(spec, policy, 'frequencies')
    const p = new Float64Array(ROWS * agents * numActions)
    policy.probabilities(batch, p)
    const rng = new Rng('draws')
    const count = new Float64Array(p.length)
    const out = new Int32Array(ROWS * agents)
    const draws = 4000
    for (let draw = 0; draw < draws; draw++) {
      policy.act(batch.memory === undefined ? batch : { ...batch, memory: batch.memory.slice() }, rng, out)
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

/** Random views, and memories that the policy has come to on other such views, up to three steps from the start. */
function rememberedBatch(spec: EnvSpec, policy: Policy, seed: string): PolicyBatch {
  const rng = new Rng(seed)
  const steps = rng.integer(4)
  const started = withMemory(randomBatch(spec, rng), policy)
  if (started.memory === undefined) return started
  const { memory } = started
  for (let step = 0; step < steps; step++) {
    policy.act({ ...randomBatch(spec, rng), memory }, rng, new Int32Array(ROWS * spec.agents.length))
  }
  return started
}

/** Random views: every agent has a legal action among those it really has. */
function randomBatch(spec: EnvSpec, rng: Rng): PolicyBatch {
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
  }
}

/**
 * What one agent sees and remembers, from `own`, among what the others do, from `other`.
 * @param global - whether policies may read what others see, and the state: then only what others remember is another's
 */
function mixed(own: PolicyBatch, other: PolicyBatch, agent: number, global: boolean): PolicyBatch {
  const { agents } = own.layout
  const join = <T extends Float32Array | Int32Array | Uint8Array>(mine: T, theirs: T): T => {
    const width = mine.length / (own.size * agents)
    const out = theirs.slice() as T
    for (let row = 0; row < own.size; row++) {
      const at = (row * agents + agent) * width
      for (let j = at; j < at + width; j++) out[j] = mine[j]!
    }
    return out
  }
  const memory = own.memory === undefined ? {} : { memory: join(own.memory, other.memory!) }
  if (global) return { ...own, ...memory }
  return {
    ...own,
    ...memory,
    ...(own.featureRow === undefined ? {} : { featureRow: join(own.featureRow, other.featureRow!) }),
    observation: join(own.observation, other.observation),
    mask: join(own.mask, other.mask),
    observationId: join(own.observationId, other.observationId),
    stateId: other.stateId,
    state: other.state,
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
