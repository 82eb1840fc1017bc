import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { gradients } from '../graph/gradients.js'
import { Graph } from '../graph/graph.js'
import { ReferenceEngine } from '../graph/reference/reference-engine.js'
import { initialValues, type Parameter } from './parameters.js'
import { monotonicMixing } from './qmix.js'
import { type MiniBatch, type Mixing, type TdOptions, temporalDifference } from './temporal-difference.js'

/** Minibatch of 5 entries; two agents of 3 actions in one group; tables of values stand in for networks. */
const M = 5
const N = 2
const A = 3
const S = 2

type Numbers = { readonly [name: string]: ArrayLike<number> }

function randomBatch(seed: string, streams: number): Numbers {
  const rng = new Rng(seed)
  const some = (length: number, from: number, to: number) =>
    Float64Array.from({ length }, () => from + (to - from) * rng.uniform())
  const bits = (length: number) => Uint8Array.from({ length }, () => (rng.uniform() < 0.7 ? 1 : 0))
  const legal = bits(M * N * A)
  // Somebody who acts next has something to do; the last agent of all has nothing, and isn't there.
  for (let k = 0; k < M * N; k++) legal[k * A + (k % A)] = 1
  legal.fill(0, (M * N - 1) * A)
  const nextAlive = bits(M * N)
  nextAlive[M * N - 1] = 0
  return {
    own: some(M * N * A, -3, 3),
    ownNext: some(M * N * A, -3, 3),
    targetNext: some(M * N * A, -3, 3),
    action: Int32Array.from({ length: M * N }, () => rng.integer(A)),
    alive: bits(M * N),
    nextAlive,
    nextLegal: legal,
    reward: some(M * streams, -2, 2),
    discount: some(M * streams, 0, 1),
    state: some(M * S, -1, 1),
    nextState: some(M * S, -1, 1),
    // The last but one is padding.
    weight: Float64Array.of(1, 0.5, 0.25, 0, 1),
  }
}

/** What a graph makes of it, and of given parameters. */
function computed(mixing: Mixing, options: TdOptions, numbers: Numbers, parameters: Map<string, Float64Array>) {
  const graph = new Graph()
  const streams = mixing.streams === 'agents' ? N : 1
  const own = graph.variable('own', [M, N, A])
  const group = {
    x: own,
    nextX: graph.input('ownNext', [M, N, A]),
    action: graph.input('action', [M, N], 'i32'),
    alive: graph.input('alive', [M, N]),
    nextAlive: graph.input('nextAlive', [M, N]),
    nextLegal: graph.input('nextLegal', [M, N, A], 'u8'),
  }
  const batch: MiniBatch = {
    groups: [group],
    reward: graph.input('reward', [M, streams]),
    discount: graph.input('discount', [M, streams]),
    state: graph.input('state', [M, S]),
    nextState: graph.input('nextState', [M, S]),
    weight: graph.input('weight', [M, 1]),
  }
  const targetNext = graph.input('targetNext', [M, N, A])
  const rng = new Rng('parameters')
  const parameter =
    (prefix: string): Parameter =>
    (name, shape, initial) => {
      if (!parameters.has(prefix + name)) parameters.set(prefix + name, initialValues(shape, initial, rng))
      return graph.variable(prefix + name, shape)
    }
  const { loss, error, mean } = temporalDifference(
    graph,
    batch,
    mixing,
    { values: (_, x) => x, parameter: parameter('') },
    { values: () => targetNext, parameter: parameter('target/') },
    options,
  )
  const [slope] = gradients(graph, loss, [own])
  const engine = new ReferenceEngine()
  const executable = engine.compile({ outputs: { loss, error, mean, slope: slope! }, effects: [] })
  engine.variable('own')!.set(numbers.own!)
  for (const [name, values] of parameters) engine.variable(name)!.set(values)
  const inputs = ['ownNext', 'action', 'alive', 'nextAlive', 'nextLegal', 'reward', 'discount', 'weight', 'targetNext']
  if (mixing.readsState) inputs.push('state', 'nextState')
  for (const name of inputs) if (name !== 'ownNext' || options.double) executable.input(name).set(numbers[name]!)
  executable.run()
  const [value] = executable.output('loss')
  return { loss: value!, error: [...executable.output('error')], slope: [...executable.output('slope')] }
}

/** The team's value of one entry. */
type ScalarMix = (chosen: number[], state: number[], prefix: string) => number[]

/** The same, number by number. */
function byHand(mix: ScalarMix, streams: number, { double, loss }: TdOptions, numbers: Numbers) {
  let sum = 0
  let count = 0
  const errors: number[] = []
  for (let m = 0; m < M; m++) {
    const chosen: number[] = []
    const next: number[] = []
    for (let i = 0; i < N; i++) {
      const k = m * N + i
      chosen.push(numbers.alive![k]! * numbers.own![k * A + numbers.action![k]!]!)
      let best = -1
      const judge = double ? numbers.ownNext! : numbers.targetNext!
      for (let a = 0; a < A; a++) {
        if (numbers.nextLegal![k * A + a] !== 1) continue
        if (best < 0 || judge[k * A + a]! > judge[k * A + best]!) best = a
      }
      next.push(numbers.nextAlive![k] === 1 && best >= 0 ? numbers.targetNext![k * A + best]! : 0)
    }
    const stateOf = (name: string) => Array.from({ length: S }, (_, j) => numbers[name]![m * S + j]!)
    const predicted = mix(chosen, stateOf('state'), '')
    const after = mix(next, stateOf('nextState'), 'target/')
    for (let v = 0; v < streams; v++) {
      const at = m * streams + v
      const error = numbers.reward![at]! + numbers.discount![at]! * after[v]! - predicted[v]!
      const acts = streams === 1 ? 1 : numbers.alive![at]!
      const weight = numbers.weight![m]!
      const size = loss === 'squared' ? error ** 2 : Math.abs(error) <= 1 ? error ** 2 / 2 : Math.abs(error) - 0.5
      sum += weight * acts * size
      count += weight > 0 ? acts : 0
      errors.push(weight > 0 && acts === 1 ? error : 0)
    }
  }
  return { loss: sum / count, errors }
}

/** The mixing network of figure 2, number by number. @param embedding - its units, hypernetworks with H hidden units */
function mixByHand(parameters: ReadonlyMap<string, Float64Array>, embedding: number): ScalarMix {
  return (chosen, state, prefix) => {
    const dense = (x: number[], name: string, outputs: number, relu = false) =>
      Array.from({ length: outputs }, (_, o) => {
        const weight = parameters.get(`${prefix}mixer/${name}/weight`)!
        const bias = parameters.get(`${prefix}mixer/${name}/bias`)!
        const y = x.reduce((all, value, j) => all + value * weight[j * outputs + o]!, bias[o]!)
        return relu ? Math.max(0, y) : y
      })
    const hidden = (name: string, size: number) => dense(state, `${name}-layer`, size, true)
    const first = dense(hidden('first', 4), 'first', N * embedding).map(Math.abs)
    const firstBias = dense(state, 'first-bias', embedding)
    const last = dense(hidden('last', 4), 'last', embedding).map(Math.abs)
    const [lastBias] = dense(hidden('last-bias', embedding), 'last-bias', 1)
    let value = lastBias!
    for (let e = 0; e < embedding; e++) {
      const x = chosen.reduce((all, q, i) => all + q * first[i * embedding + e]!, firstBias[e]!)
      value += (x > 0 ? x : Math.exp(x) - 1) * last[e]!
    }
    return [value]
  }
}

const apart: Mixing = { streams: 'agents', readsState: false, mix: (_, chosen) => chosen }
const sum: Mixing = { streams: 'team', readsState: false, mix: (graph, chosen) => graph.sum(chosen, [1]) }
const addUp: ScalarMix = (chosen) => [chosen.reduce((all, q) => all + q)]

describe('temporalDifference', () => {
  const options: TdOptions[] = [
    { double: true, loss: 'huber' },
    { double: true, loss: 'squared' },
    { double: false, loss: 'squared' },
  ]

  it.each(options)('is what it is number by number, for agents apart, their sum and a monotonic mixture: %j', (one) => {
    const parameters = new Map<string, Float64Array>()
    const mixture = monotonicMixing({ embedding: 3, hypernetwork: 4 })
    const cases: [Mixing, ScalarMix][] = [
      [apart, (chosen) => chosen],
      [sum, addUp],
      [mixture, mixByHand(parameters, 3)],
    ]
    for (const [mixing, mix] of cases) {
      const streams = mixing.streams === 'agents' ? N : 1
      const numbers = randomBatch(`${mixing.readsState}`, streams)
      const found = computed(mixing, one, numbers, parameters)
      const expected = byHand(mix, streams, one, numbers)
      expect(found.loss).toBeCloseTo(expected.loss, 12)
      for (const [k, error] of expected.errors.entries()) expect(found.error[k]).toBeCloseTo(error, 12)
    }
  })

  it('descends by what was chosen alone: targets stand still, padding and who is away count for nothing', () => {
    const one: TdOptions = { double: true, loss: 'squared' }
    const parameters = new Map<string, Float64Array>()
    const mixing = monotonicMixing({ embedding: 3, hypernetwork: 4 })
    const numbers = randomBatch('slope', 1)
    const { slope } = computed(mixing, one, numbers, parameters)
    const mix = mixByHand(parameters, 3)
    const step = 1e-6
    for (let at = 0; at < M * N * A; at++) {
      const lossAt = (change: number) => {
        const own = Float64Array.from(numbers.own!)
        own[at] = own[at]! + change
        return byHand(mix, 1, one, { ...numbers, own }).loss
      }
      expect(slope[at]).toBeCloseTo((lossAt(step) - lossAt(-step)) / (2 * step), 6)
    }
    expect(slope.slice(3 * N * A, 4 * N * A).every((x) => x === 0)).toBe(true)
  })

  it('mixes monotonically: more for an agent is never less for the team', () => {
    const parameters = new Map<string, Float64Array>()
    computed(monotonicMixing({ embedding: 3, hypernetwork: 4 }), options[0]!, randomBatch('any', 1), parameters)
    const mix = mixByHand(parameters, 3)
    const rng = new Rng('monotonic')
    for (let k = 0; k < 200; k++) {
      const [a, b, more] = [rng.uniform() * 6 - 3, rng.uniform() * 6 - 3, rng.uniform()]
      const state = [rng.uniform() * 2 - 1, rng.uniform() * 2 - 1]
      expect(mix([a + more, b], state, '')[0]!).toBeGreaterThanOrEqual(mix([a, b], state, '')[0]!)
      expect(mix([a, b + more], state, '')[0]!).toBeGreaterThanOrEqual(mix([a, b], state, '')[0]!)
    }
  })
})
