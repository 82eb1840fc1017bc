import type { Rng } from '#env/rng.js'
import type { Engine } from '../engine.js'
import { Graph } from '../graph.js'
import { adamW } from '../optimisers/adam.js'
import { sizeOf } from '../tensor.js'

const parameters = { w1: [3, 8], b1: [8], w2: [8, 5], b2: [5] } as const
const data = { x: [6, 3], target: [6], mask: [6, 5] } as const
const STEPS = 10

/** Of one seed: its first parameters, and its data. */
export type Start = { readonly [name in keyof typeof parameters | keyof typeof data | 'action']: readonly number[] }

export function startOf(rng: Rng): Start {
  const of = (shape: readonly number[]) => Array.from({ length: sizeOf(shape) }, () => rng.uniform() - 0.5)
  const drawn = Object.fromEntries(Object.entries({ ...parameters, ...data }).map(([name, shape]) => [name, of(shape)]))
  const action = Array.from({ length: 6 }, () => rng.integer(5))
  const mask = drawn.mask!.map((value, k) => (value > 0 || k % 5 === 0 ? 1 : 0))
  return { ...drawn, mask, action } as unknown as Start
}

/** Ten steps of AdamW on a network of two layers, cut by the norm of each seed; a start for each seed of the engine. */
export function trained(engine: Engine, starts: readonly Start[]): { [name: string]: number[] } {
  const graph = new Graph()
  const [w1, b1, w2, b2] = Object.entries(parameters).map(([name, shape]) => graph.variable(name, shape))
  const hidden = graph.dense(graph.input('x', data.x), w1!, b1!, 'relu')
  const q = graph.dense(hidden, w2!, b2!)
  const taken = graph.gather(q, graph.input('action', [6], 'i32'))
  const expected = graph.sum(graph.mul(graph.softmax(q, graph.input('mask', data.mask, 'u8')), q))
  const errors = graph.huber(graph.sub(taken, graph.input('target', data.target)))
  const loss = graph.add(graph.mean(errors), graph.mul(graph.scalar(0.01), expected))
  const { effects, norm } = adamW(graph, loss, [w1!, b1!, w2!, b2!], { rate: 0.01, maxNorm: 0.05 })
  const executable = engine.compile({ outputs: { loss, q, norm }, effects })
  for (const name of Object.keys(parameters) as (keyof Start)[]) {
    engine.variable(name)!.set(starts.flatMap((start) => start[name]))
  }
  for (const name of ['x', 'target', 'mask', 'action'] as const) {
    executable.input(name).set(starts.flatMap((start) => start[name]))
  }
  for (let step = 0; step < STEPS; step++) executable.run()
  const written = [...engine.variables.keys()].map((name) => [name, [...engine.variable(name)!]])
  const outputs = ['loss', 'q', 'norm'].map((name) => [name, [...executable.output(name)]])
  return Object.fromEntries([...outputs, ...written])
}
