import type { Attributes, Tensor } from '../tensor.js'

/** Of a node, for a running analysis of errors: how far each input may be off, the largest magnitudes, and the shape of what is added up. */
interface Situation {
  readonly errors: readonly number[]
  readonly sizes: readonly number[]
  readonly inputs: readonly Tensor[]
  readonly attributes: Attributes
  /** Largest magnitude of what comes out. */
  readonly size: number
}

type Rule = (situation: Situation) => number

const first: Rule = ({ errors }) => errors[0]!
const both: Rule = ({ errors }) => errors[0]! + errors[1]!
const product: Rule = ({ errors, sizes }) => errors[0]! * sizes[1]! + errors[1]! * sizes[0]!
/** What jumps is only safe where nothing is off. */
const jumps: Rule = ({ errors }) => (errors.every((error) => error === 0) ? 0 : Infinity)
const inner = ({ inputs: [a, b] }: Situation) => Math.max(a!.shape.at(-1)!, a!.shape.at(-2)!, b!.shape.at(-2)!)
const added = ({ inputs: [x], attributes: { axes } }: Situation) =>
  (axes as readonly number[]).reduce((count, axis) => count * x!.shape[axis]!, 1)

/** How far off, in roundings, what comes out is because of what went in; its own rounding is added elsewhere. */
const rules: { readonly [operation: string]: Rule } = {
  exp: ({ errors, size }) => errors[0]! * size,
  square: ({ errors, sizes }) => 2 * errors[0]! * sizes[0]!,
  huber: ({ errors, attributes }) => errors[0]! * (attributes.delta as number),
  mul: product,
  add: both,
  sub: both,
  maximum: both,
  minimum: both,
  // The divisors of random programs are 1 at least.
  div: ({ errors, sizes }) => errors[0]! + errors[1]! * sizes[0]!,
  // Their arguments, too.
  log: first,
  sqrt: first,
  tanhGradient: ({ errors, sizes }) => errors[0]! + 2 * errors[1]! * sizes[0]!,
  sigmoidGradient: ({ errors, sizes }) => errors[0]! + errors[1]! * sizes[0]!,
  reluGradient: ({ errors }) => (errors[1] === 0 ? errors[0]! : Infinity),
  where: ({ errors }) => errors[1]! + errors[2]!,
  sum: (all) => added(all) * (all.errors[0]! + all.sizes[0]!),
  matmul: (all) => inner(all) * (product(all) + all.sizes[0]! * all.sizes[1]!),
  dense: (all) => inner(all) * (product(all) + all.sizes[0]! * all.sizes[1]!) + all.errors[2]! + all.sizes[2]!,
  scatter: ({ errors }) => errors[1]!,
  scatterAddRows: ({ errors, sizes, inputs: [indices] }) =>
    (indices!.shape.reduce((a, b) => a * b, 1) + 1) * (errors[1]! + sizes[1]!),
  softmax: ({ errors, sizes }) => 2 * errors[0]! + sizes[0]!,
  logSoftmax: ({ errors, sizes }) => 2 * errors[0]! + 2 * sizes[0]!,
  concat: ({ errors }) => Math.max(...errors),
  greater: jumps,
  greaterEqual: jumps,
  equal: jumps,
  sign: jumps,
  argmax: jumps,
}

/** Operations that move numbers, or cut them off: nothing is rounded. */
const exact: ReadonlySet<string> = new Set([
  ...['neg', 'abs', 'sign', 'relu', 'reluGradient', 'clamp', 'maximum', 'minimum', 'greater', 'greaterEqual', 'equal'],
  ...[
    'where',
    'cast',
    'stopGradient',
    'reshape',
    'transpose',
    'broadcastTo',
    'max',
    'argmax',
    'concat',
    'slice',
    'pad',
  ],
  ...['gather', 'scatter', 'gatherRows'],
])

/**
 * How many roundings of numbers about 1 each node may be off, at most, on an engine that rounds: a running analysis of errors, to first
 * order. Infinite where an error may have made a comparison come out otherwise.
 * @param nodes - in order
 * @param values - of each node, by somebody who doesn't round
 */
export function roundings(
  nodes: readonly Tensor[],
  values: (node: Tensor) => readonly number[],
): ReadonlyMap<Tensor, number> {
  const sizeOf = (node: Tensor) => values(node).reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  const errors = new Map<Tensor, number>()
  for (const node of nodes) {
    const { operation, inputs, attributes } = node
    const size = sizeOf(node)
    const given = inputs.map((input) => errors.get(input)!)
    const rule = rules[operation] ?? first
    const own = exact.has(operation) || inputs.length === 0 ? 0 : Math.max(size, 1)
    errors.set(node, own + (rule({ errors: given, sizes: inputs.map(sizeOf), inputs, attributes, size }) || 0))
  }
  return errors
}
