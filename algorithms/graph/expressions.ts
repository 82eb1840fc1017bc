import { repeatedAxes } from './broadcast.js'
import { type Attributes, type Dtype, type Shape, sameShape, sizeOf, type Tensor } from './tensor.js'

/** Operations as methods, above the two that put nodes into a graph: all that a rule of the table of operations writes gradients with. */
export abstract class Expressions {
  abstract constant(values: readonly number[], shape: Shape, dtype?: Dtype): Tensor

  abstract apply(operation: string, inputs: readonly Tensor[], attributes?: Attributes): Tensor

  scalar(value: number): Tensor {
    return this.constant([value], [])
  }

  neg = (x: Tensor): Tensor => this.apply('neg', [x])
  exp = (x: Tensor): Tensor => this.apply('exp', [x])
  log = (x: Tensor): Tensor => this.apply('log', [x])
  sqrt = (x: Tensor): Tensor => this.apply('sqrt', [x])
  square = (x: Tensor): Tensor => this.apply('square', [x])
  abs = (x: Tensor): Tensor => this.apply('abs', [x])
  sign = (x: Tensor): Tensor => this.apply('sign', [x])
  relu = (x: Tensor): Tensor => this.apply('relu', [x])
  tanh = (x: Tensor): Tensor => this.apply('tanh', [x])
  sigmoid = (x: Tensor): Tensor => this.apply('sigmoid', [x])
  huber = (x: Tensor, delta = 1): Tensor => this.apply('huber', [x], { delta })
  clamp = (x: Tensor, low: number, high: number): Tensor => this.apply('clamp', [x], { low, high })
  add = (a: Tensor, b: Tensor): Tensor => this.apply('add', [a, b])
  sub = (a: Tensor, b: Tensor): Tensor => this.apply('sub', [a, b])
  mul = (a: Tensor, b: Tensor): Tensor => this.apply('mul', [a, b])
  div = (a: Tensor, b: Tensor): Tensor => this.apply('div', [a, b])
  maximum = (a: Tensor, b: Tensor): Tensor => this.apply('maximum', [a, b])
  minimum = (a: Tensor, b: Tensor): Tensor => this.apply('minimum', [a, b])
  greater = (a: Tensor, b: Tensor): Tensor => this.apply('greater', [a, b])
  greaterEqual = (a: Tensor, b: Tensor): Tensor => this.apply('greaterEqual', [a, b])
  equal = (a: Tensor, b: Tensor): Tensor => this.apply('equal', [a, b])
  where = (condition: Tensor, a: Tensor, b: Tensor): Tensor => this.apply('where', [condition, a, b])
  cast = (x: Tensor, dtype: Dtype): Tensor => (x.dtype === dtype ? x : this.apply('cast', [x], { dtype }))
  stopGradient = (x: Tensor): Tensor => this.apply('stopGradient', [x])
  argmax = (x: Tensor): Tensor => this.apply('argmax', [x])
  gather = (x: Tensor, indices: Tensor): Tensor => this.apply('gather', [x, indices])
  gatherRows = (table: Tensor, indices: Tensor): Tensor => this.apply('gatherRows', [table, indices])
  scatter = (indices: Tensor, values: Tensor, length: number): Tensor =>
    this.apply('scatter', [indices, values], { length })
  softmax = (x: Tensor, mask: Tensor): Tensor => this.apply('softmax', [x, mask])
  logSoftmax = (x: Tensor, mask: Tensor): Tensor => this.apply('logSoftmax', [x, mask])
  concat = (inputs: readonly Tensor[], axis: number): Tensor =>
    inputs.length === 1 ? inputs[0]! : this.apply('concat', inputs, { axis })
  slice = (x: Tensor, begin: readonly number[], size: readonly number[]): Tensor =>
    sameShape(x.shape, size) ? x : this.apply('slice', [x], { begin, size })
  pad = (x: Tensor, begin: readonly number[], shape: Shape): Tensor =>
    sameShape(x.shape, shape) ? x : this.apply('pad', [x], { begin, shape })
  reshape = (x: Tensor, shape: Shape): Tensor => (sameShape(x.shape, shape) ? x : this.apply('reshape', [x], { shape }))
  transpose = (x: Tensor, axes: readonly number[]): Tensor => this.apply('transpose', [x], { axes })
  broadcastTo = (x: Tensor, shape: Shape): Tensor =>
    sameShape(x.shape, shape) ? x : this.apply('broadcastTo', [x], { shape })

  /** The last axis stays with length 1, unless told. */
  max(x: Tensor, { keep = true }: { keep?: boolean } = {}): Tensor {
    const most = this.apply('max', [x])
    return keep ? most : this.reshape(most, x.shape.slice(0, -1))
  }

  /** Over some axes, which stay with length 1; over all by default, which gives a scalar []. */
  sum(x: Tensor, axes?: readonly number[]): Tensor {
    if (axes === undefined) return this.reshape(this.sum(x, [...x.shape.keys()]), [])
    return axes.length === 0 ? x : this.apply('sum', [x], { axes })
  }

  mean(x: Tensor, axes?: readonly number[]): Tensor {
    const count = sizeOf((axes ?? [...x.shape.keys()]).map((axis) => x.shape[axis]!))
    return this.div(this.sum(x, axes), this.scalar(count))
  }

  /** sum(w x) / sum(w): what is masked counts for nothing. */
  weightedMean(x: Tensor, weight: Tensor): Tensor {
    return this.div(this.sum(this.mul(x, weight)), this.sum(weight))
  }

  /** Summed over what was repeated to get from a shape to x's: the gradient of repeating. */
  sumTo(x: Tensor, shape: Shape): Tensor {
    return this.reshape(this.sum(x, repeatedAxes(shape, x.shape)), shape)
  }

  matmul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false } = {}): Tensor {
    return this.apply('matmul', [a, b], { transposeA, transposeB })
  }
}
