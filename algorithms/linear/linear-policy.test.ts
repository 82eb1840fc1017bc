import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PolicyBatch } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { box, discrete } from '#env/space.js'
import { type EnvSpec, layoutOf } from '#env/spec.js'
import { sparseFrom } from '../regression/testing/rows.js'
import { standardNormal } from '../standard-normal.js'
import { policyConformance } from '../testing/policy-conformance.js'
import { InputRow, linearInputs } from './linear-inputs.js'
import { LinearPolicy } from './linear-policy.js'

/** A team that sees features and observations of other sizes each; both see the same columns. */
const spec: EnvSpec = {
  id: 'desk',
  version: '1',
  agents: [
    { name: 'a', observation: box(3), action: discrete(2), numObservations: 0, numFeatures: 4 },
    { name: 'b', observation: box(1), action: discrete(3), numObservations: 0, numFeatures: 4 },
    { name: 'c', observation: box(2), action: discrete(3), numObservations: 0 },
  ],
  numStates: 0,
  stateSize: 0,
  quantities: [],
  score: { aggregate: 'team-sum', over: 'episode' },
  limitSteps: null,
}
const layout = layoutOf(spec)
const inputs = linearInputs(spec)
const weightsOf = (seed: string) => {
  const rng = new Rng(seed)
  return inputs.map(({ columns }, i) =>
    Float64Array.from({ length: layout.actionsOf[i]! * (columns + 1) }, () => standardNormal(rng)),
  )
}

describe('linear policy', () => policyConformance(spec, () => new LinearPolicy(spec, weightsOf('conformance'))))

const number = fc.integer({ min: -8, max: 8 }).map((n) => n / 4)
const rows = fc.array(fc.array(number, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 5 })

describe('LinearPolicy', () => {
  it('scores are dense inner products of features, observation and 1 with the weights', () => {
    const observation = fc.array(number, { minLength: 9, maxLength: 9 })
    const chosen = fc.array(fc.nat(), { minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(rows, observation, chosen, fc.string(), (dense, seen, picks, seed) => {
        const weights = weightsOf(seed)
        // Row -1 shows no features.
        const featureRow = Int32Array.from(picks, (pick) => (pick % (dense.length + 1)) - 1)
        const batch: PolicyBatch = {
          layout,
          size: 1,
          observation: Float32Array.from(seen),
          mask: Uint8Array.of(1, 1, 0, 1, 1, 1, 1, 1, 1),
          observationId: new Int32Array(3),
          stateId: new Int32Array(1),
          state: new Float32Array(0),
          features: sparseFrom(dense, 4),
          featureRow,
        }
        const out = new Float64Array(9)
        new LinearPolicy(spec, weights).scores(batch, out)
        spec.agents.forEach((agent, i) => {
          const features = agent.numFeatures === undefined ? [] : (dense[featureRow[i]!] ?? [0, 0, 0, 0])
          const x = [...features, ...seen.slice(3 * i, 3 * i + agent.observation.size), 1]
          for (let a = 0; a < layout.actionsOf[i]!; a++) {
            const expected = x.reduce((sum, v, j) => sum + v * weights[i]![a * x.length + j]!, 0)
            expect(out[3 * i + a]).toBeCloseTo(expected, 10)
          }
        })
        expect(out[2]).toBe(Number.NEGATIVE_INFINITY)
      }),
    )
  })

  it('refuses weights of another size', () => {
    const [first, ...rest] = weightsOf('size')
    expect(() => new LinearPolicy(spec, [first!.subarray(1), ...rest])).toThrow(
      /expected 16 weights for agent 0, got 15/,
    )
    expect(() => new LinearPolicy(spec, [first!])).toThrow(/for agent 1, got none/)
  })
})

describe('InputRow', () => {
  it('grows for rows longer than it has room for, and forgets the last one', () => {
    const wide = Array.from({ length: 1000 }, (_, j) => j + 1)
    const input = { numFeatures: 1000, observationSize: 2, columns: 1002 }
    const row = new InputRow(input)
    const features = sparseFrom([wide, wide.map((_, j) => (j === 7 ? 5 : 0))])
    row.read(features, 0, Float32Array.of(9, 0, 3), 1)
    expect([...row.rowStart]).toEqual([0, 1001])
    expect([row.index[1000], row.value[1000]]).toEqual([1001, 3])
    row.read(features, 1, Float32Array.of(2, 0, 3), 0)
    expect([...row.index.subarray(0, row.rowStart[1])]).toEqual([7, 1000])
    expect([...row.value.subarray(0, row.rowStart[1])]).toEqual([5, 2])
  })
})
