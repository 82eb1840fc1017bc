import type { Rng } from '#env/rng.js'
import { gradients } from '../gradients.js'
import { Graph } from '../graph.js'
import { activations } from '../matrices.js'
import { type Shape, sizeOf, type Tensor } from '../tensor.js'

/** A graph put together at random, and what is given to its inputs. */
export interface RandomProgram {
  readonly outputs: { readonly [name: string]: Tensor }
  readonly given: { readonly [input: string]: readonly number[] }
}

/** From 5 to 30 operations on inputs of a few shapes, and gradients of what comes last. Numbers stay small: see `roundings`. */
export function randomProgram(rng: Rng): RandomProgram {
  const graph = new Graph()
  const given: { [input: string]: number[] } = {}
  const pick = <T>(all: readonly T[]): T => all[rng.integer(all.length)]!
  const draw = (name: string, shape: Shape, dtype: 'f32' | 'i32' | 'u8', of: () => number) => {
    given[name] = Array.from({ length: sizeOf(shape) }, of)
    return graph.input(name, shape, dtype)
  }
  const [rows, columns] = [1 + rng.integer(9), 1 + rng.integer(17)]
  const number = () => Math.fround(2 * rng.uniform() - 1)
  const x = draw('x', [rows, columns], 'f32', number)
  const row = draw('row', [columns], 'f32', number)
  const column = draw('column', [rows, 1], 'f32', number)
  const square = draw('square', [columns, columns], 'f32', number)
  const index = draw('index', [rows], 'i32', () => rng.integer(columns))
  const mask = draw('mask', [rows, columns], 'u8', () => rng.integer(2))
  for (let k = 0; k < rows; k++) given.mask![k * columns + given.index![k]!] = 1

  /** All [rows, columns], or repeated to it. */
  const made: Tensor[] = [x, row, column, graph.scalar(0.5)]
  const wide = (a: Tensor) => graph.broadcastTo(a, [rows, columns])
  const above1 = (a: Tensor) => graph.add(graph.scalar(1), graph.square(a))
  const steps: readonly ((a: Tensor, b: Tensor) => Tensor)[] = [
    (a) => graph.neg(a),
    (a) => graph.exp(graph.tanh(a)),
    (a) => graph.log(above1(a)),
    (a) => graph.sqrt(above1(a)),
    (a) => graph.square(graph.clamp(a, -2, 2)),
    (a) => graph.abs(a),
    (a) => graph.relu(a),
    (a) => graph.tanh(a),
    (a) => graph.sigmoid(a),
    (a) => graph.huber(a, 0.5),
    (a, b) => graph.add(a, b),
    (a, b) => graph.sub(a, b),
    (a, b) => graph.mul(a, b),
    (a, b) => graph.div(a, above1(b)),
    (a, b) => graph.maximum(a, b),
    (a, b) => graph.minimum(a, b),
    (a, b) => graph.where(graph.greater(row, column), a, b),
    (a, b) => graph.where(mask, a, b),
    (a) => graph.softmax(wide(a), mask),
    (a) => graph.logSoftmax(wide(a), mask),
    (a) => graph.max(wide(a)),
    (a) => graph.mean(wide(a), [pick([0, 1])]),
    (a) => graph.reshape(graph.gather(wide(a), index), [rows, 1]),
    (a) => graph.scatter(index, graph.gather(wide(a), index), columns),
    (a) => graph.matmul(wide(a), square, { transposeB: rng.integer(2) === 0 }),
    (a) => graph.dense(wide(a), square, row, pick(activations)),
    (a, b) => graph.slice(graph.concat([wide(a), wide(b)], 1), [0, rng.integer(columns + 1)], [rows, columns]),
    (a) => graph.transpose(graph.transpose(wide(a), [1, 0]), [1, 0]),
    (a) => graph.mul(graph.stopGradient(a), graph.scalar(0.5)),
  ]
  const count = 5 + rng.integer(26)
  for (let k = 0; k < count; k++) made.push(pick(steps)(pick(made), pick(made)))
  const last = made.at(-1)!
  const names = made.slice(4).map((node, k) => [`step ${k}`, node] as const)
  const byLeaves = gradients(graph, graph.mean(last), [x, row, column, square])
  const slopes = byLeaves.map((node, k) => [`gradient ${k}`, node] as const)
  return { outputs: Object.fromEntries([...names, ...slopes]), given }
}
