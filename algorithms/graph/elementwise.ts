import { broadcastShape } from './broadcast.js'
import type { Expressions } from './expressions.js'
import { GraphError } from './graph-error.js'
import type { Operation } from './operation.js'
import { type Dtype, sameShape, showShape, type Tensor } from './tensor.js'

const floats = (what: string, ...inputs: readonly Tensor[]) => {
  for (const { dtype } of inputs) if (dtype !== 'f32') throw new GraphError(`${what}: expected f32, got ${dtype}`)
}

type Rule = (graph: Expressions, output: Tensor, upstream: Tensor) => Tensor | null

const unary = (name: string, rule: Rule): Operation => ({
  infer: ([x]) => {
    floats(name, x!)
    return { shape: x!.shape, dtype: 'f32' }
  },
  gradient: (graph, output, upstream) => [rule(graph, output, upstream)],
})

type Rules = (graph: Expressions, a: Tensor, b: Tensor, upstream: Tensor) => readonly [Tensor | null, Tensor | null]

/** Both are repeated to the shape that they share; gradients are summed over what was repeated. */
const binary = (name: string, rules: Rules): Operation => ({
  infer: ([a, b]) => {
    floats(name, a!, b!)
    return { shape: broadcastShape(name, a!.shape, b!.shape), dtype: 'f32' }
  },
  gradient: (graph, { inputs: [a, b] }, upstream) => {
    const [byA, byB] = rules(graph, a!, b!, upstream)
    return [byA && graph.sumTo(byA, a!.shape), byB && graph.sumTo(byB, b!.shape)]
  },
})

const comparison = (name: string): Operation => ({
  infer: ([a, b]) => {
    if (a!.dtype !== b!.dtype) throw new GraphError(`${name}: expected equal types, got ${a!.dtype} and ${b!.dtype}`)
    return { shape: broadcastShape(name, a!.shape, b!.shape), dtype: 'u8' }
  },
})

/** The gradient of an activation, by what came out of it: g and y have one shape. */
const activationGradient = (
  name: string,
  byY: (graph: Expressions, g: Tensor, y: Tensor, h: Tensor) => Tensor | null,
): Operation => ({
  infer: ([g, y]) => {
    floats(name, g!, y!)
    if (!sameShape(g!.shape, y!.shape))
      throw new GraphError(`${name}: ${showShape(g!.shape)} and ${showShape(y!.shape)}`)
    return { shape: g!.shape, dtype: 'f32' }
  },
  gradient: (graph, { inputs: [g, y] }, upstream) => [graph.apply(name, [upstream, y!]), byY(graph, g!, y!, upstream)],
})

/** Operations number by number. At ties `maximum` and `minimum` count as their first input, `relu` and `abs` have slope 0 at 0. */
export const elementwise: { readonly [name: string]: Operation } = {
  neg: unary('neg', (graph, _, g) => graph.neg(g)),
  exp: unary('exp', (graph, y, g) => graph.mul(g, y)),
  log: unary('log', (graph, { inputs: [x] }, g) => graph.div(g, x!)),
  sqrt: unary('sqrt', (graph, y, g) => graph.div(g, graph.mul(graph.scalar(2), y))),
  square: unary('square', (graph, { inputs: [x] }, g) => graph.mul(g, graph.mul(graph.scalar(2), x!))),
  abs: unary('abs', (graph, { inputs: [x] }, g) => graph.mul(g, graph.sign(x!))),
  sign: unary('sign', () => null),
  relu: unary('relu', (graph, y, g) => graph.apply('reluGradient', [g, y])),
  tanh: unary('tanh', (graph, y, g) => graph.apply('tanhGradient', [g, y])),
  sigmoid: unary('sigmoid', (graph, y, g) => graph.apply('sigmoidGradient', [g, y])),
  /** g where y > 0. */
  reluGradient: activationGradient('reluGradient', () => null),
  /** g (1 - y^2) */
  tanhGradient: activationGradient('tanhGradient', (graph, g, y, h) =>
    graph.mul(graph.scalar(-2), graph.mul(h, graph.mul(g, y))),
  ),
  /** g y (1 - y) */
  sigmoidGradient: activationGradient('sigmoidGradient', (graph, g, y, h) =>
    graph.mul(h, graph.mul(g, graph.sub(graph.scalar(1), graph.mul(graph.scalar(2), y)))),
  ),
  /** Cut to [low, high]; slope 0 outside. */
  clamp: {
    infer: ([x], { low, high }) => {
      floats('clamp', x!)
      if (!((low as number) <= (high as number)))
        throw new GraphError(`clamp: expected low <= high, got ${low}, ${high}`)
      return { shape: x!.shape, dtype: 'f32' }
    },
    gradient: (graph, { inputs: [x], attributes: { low, high } }, g) => {
      const above = graph.greaterEqual(x!, graph.scalar(low as number))
      const below = graph.greaterEqual(graph.scalar(high as number), x!)
      return [graph.mul(g, graph.mul(graph.cast(above, 'f32'), graph.cast(below, 'f32')))]
    },
  },
  /** x^2 / 2 where |x| <= delta, delta (|x| - delta / 2) elsewhere (Huber 1964). */
  huber: {
    infer: ([x], { delta }) => {
      floats('huber', x!)
      if (!((delta as number) > 0)) throw new GraphError(`huber: expected delta above 0, got ${delta}`)
      return { shape: x!.shape, dtype: 'f32' }
    },
    gradient: (graph, { inputs: [x], attributes: { delta } }, g) => [
      graph.mul(g, graph.clamp(x!, -(delta as number), delta as number)),
    ],
  },
  add: binary('add', (_, _a, _b, g) => [g, g]),
  sub: binary('sub', (graph, _a, _b, g) => [g, graph.neg(g)]),
  mul: binary('mul', (graph, a, b, g) => [graph.mul(g, b), graph.mul(g, a)]),
  div: binary('div', (graph, a, b, g) => {
    const byA = graph.div(g, b)
    return [byA, graph.neg(graph.div(graph.mul(byA, a), b))]
  }),
  maximum: binary('maximum', (graph, a, b, g) => {
    const first = graph.cast(graph.greaterEqual(a, b), 'f32')
    return [graph.mul(g, first), graph.mul(g, graph.sub(graph.scalar(1), first))]
  }),
  minimum: binary('minimum', (graph, a, b, g) => {
    const first = graph.cast(graph.greaterEqual(b, a), 'f32')
    return [graph.mul(g, first), graph.mul(g, graph.sub(graph.scalar(1), first))]
  }),
  greater: comparison('greater'),
  greaterEqual: comparison('greaterEqual'),
  equal: comparison('equal'),
  /** a where the condition is 1, b elsewhere. */
  where: {
    infer: ([condition, a, b]) => {
      if (condition!.dtype !== 'u8') throw new GraphError(`where: expected a condition of u8, got ${condition!.dtype}`)
      floats('where', a!, b!)
      const shape = broadcastShape('where', condition!.shape, broadcastShape('where', a!.shape, b!.shape))
      return { shape, dtype: 'f32' }
    },
    gradient: (graph, { inputs: [condition, a, b] }, g) => {
      const zero = graph.scalar(0)
      return [
        null,
        graph.sumTo(graph.where(condition!, g, zero), a!.shape),
        graph.sumTo(graph.where(condition!, zero, g), b!.shape),
      ]
    },
  },
  /** f32 to i32 cuts off what is behind the point; to u8 gives 1 for what isn't 0. */
  cast: {
    infer: ([x], { dtype }) => ({ shape: x!.shape, dtype: dtype as Dtype }),
    gradient: (_, { inputs: [x], dtype }, g) => [dtype === 'f32' && x!.dtype === 'f32' ? g : null],
  },
  stopGradient: { infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }) },
}
