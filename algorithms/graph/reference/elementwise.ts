import type { Attributes, Dtype } from '../tensor.js'
import type { Kernel, Kernels } from './kernel.js'
import { repeatedPositions } from './positions.js'

/** From one number, or several that lie at the same place. */
type Rule = (attributes: Attributes) => (a: number, b: number, c: number) => number

/** Number by number, the inputs repeated to the shape of what comes out. */
const each =
  (rule: Rule): Kernel =>
  ({ shape, inputs, attributes }) => {
    const [atA, atB, atC] = inputs.map((input) => repeatedPositions(input.shape, shape))
    const of = rule(attributes)
    return ([a, b, c], out) => {
      for (let k = 0; k < out.length; k++) {
        out[k] = of(a![atA![k]!]!, b?.[atB![k]!] ?? 0, c?.[atC![k]!] ?? 0)
      }
    }
  }

const plain = (of: (a: number, b: number, c: number) => number): Kernel => each(() => of)

const huberOf = (x: number, delta: number) => (Math.abs(x) <= delta ? (x * x) / 2 : delta * (Math.abs(x) - delta / 2))

function castTo(x: number, dtype: Dtype): number {
  if (dtype === 'u8') return x === 0 ? 0 : 1
  return dtype === 'i32' ? Math.trunc(x) : x
}

/** NaN goes through all but comparisons, which it fails, and `reluGradient`, where it is not above 0. */
export const elementwise: Kernels = {
  neg: plain((x) => -x),
  exp: plain(Math.exp),
  log: plain(Math.log),
  sqrt: plain(Math.sqrt),
  square: plain((x) => x * x),
  abs: plain(Math.abs),
  sign: plain(Math.sign),
  relu: plain((x) => Math.max(x, 0)),
  tanh: plain(Math.tanh),
  sigmoid: plain((x) => 1 / (1 + Math.exp(-x))),
  reluGradient: plain((g, y) => (y > 0 ? g : 0)),
  tanhGradient: plain((g, y) => g * (1 - y * y)),
  sigmoidGradient: plain((g, y) => g * y * (1 - y)),
  clamp: each(
    ({ low, high }) =>
      (x) =>
        Math.min(Math.max(x, low as number), high as number),
  ),
  huber: each(
    ({ delta }) =>
      (x) =>
        huberOf(x, delta as number),
  ),
  add: plain((a, b) => a + b),
  sub: plain((a, b) => a - b),
  mul: plain((a, b) => a * b),
  div: plain((a, b) => a / b),
  maximum: plain((a, b) => Math.max(a, b)),
  minimum: plain((a, b) => Math.min(a, b)),
  greater: plain((a, b) => (a > b ? 1 : 0)),
  greaterEqual: plain((a, b) => (a >= b ? 1 : 0)),
  equal: plain((a, b) => (a === b ? 1 : 0)),
  where: plain((condition, a, b) => (condition === 0 ? b : a)),
  cast: each(
    ({ dtype }) =>
      (x) =>
        castTo(x, dtype as Dtype),
  ),
  stopGradient: plain((x) => x),
}
