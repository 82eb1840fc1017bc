import type { Activation } from '../matrices.js'
import { sizeOf } from '../tensor.js'
import type { Kernel, Kernels } from './kernel.js'

const matmul: Kernel = ({ inputs: [a], shape, attributes: { transposeA, transposeB } }) => {
  const [rows, columns] = [shape.at(-2)!, shape.at(-1)!]
  const inner = a!.shape.at(transposeA ? -2 : -1)!
  const batches = sizeOf(shape.slice(0, -2))
  const atA = (row: number, k: number) => (transposeA ? k * rows + row : row * inner + k)
  const atB = (k: number, column: number) => (transposeB ? column * inner + k : k * columns + column)
  return ([x, y], out) => {
    for (let batch = 0; batch < batches; batch++) {
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          let sum = 0
          for (let k = 0; k < inner; k++)
            sum += x![batch * rows * inner + atA(row, k)]! * y![batch * inner * columns + atB(k, column)]!
          out[(batch * rows + row) * columns + column] = sum
        }
      }
    }
  }
}

const activate: { readonly [name in Activation]: (x: number) => number } = {
  none: (x) => x,
  relu: (x) => Math.max(x, 0),
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
}

const dense: Kernel = ({ inputs: [x, weight], attributes: { activation } }) => {
  const rows = x!.shape[0]!
  const [inner, columns] = weight!.shape as [number, number]
  const of = activate[activation as Activation]
  return ([values, weights, bias], out) => {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = bias![column]!
        for (let k = 0; k < inner; k++) sum += values![row * inner + k]! * weights![k * columns + column]!
        out[row * columns + column] = of(sum)
      }
    }
  }
}

export const matrices: Kernels = { matmul, dense }
