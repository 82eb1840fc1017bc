import type { Tensor } from '../tensor.js'
import type { Kernel, Kernels, Run } from './kernel.js'
import { largestAt } from './largest.js'
import { positionAt, positions, repeatedPositions, stridesOf } from './positions.js'

/** out[k] = x[at[k]] */
const picked =
  (at: Int32Array): Run =>
  ([x], out) => {
    for (let k = 0; k < out.length; k++) out[k] = x![at[k]!]!
  }

/** out[at[k]] = x[k], zeros elsewhere. */
const placed =
  (at: Int32Array): Run =>
  ([x], out) => {
    out.fill(0)
    for (let k = 0; k < x!.length; k++) out[at[k]!] = x![k]!
  }

const begin = (node: Tensor) => node.attributes.begin as readonly number[]

const sum: Kernel = ({ inputs: [x], shape, attributes: { axes } }) => {
  const strides = stridesOf(shape).map((stride, axis) => ((axes as readonly number[]).includes(axis) ? 0 : stride))
  const at = positions(x!.shape, strides)
  return ([values], out) => {
    out.fill(0)
    for (let k = 0; k < at.length; k++) out[at[k]!]! += values![k]!
  }
}

const concat: Kernel = ({ inputs, shape, attributes: { axis } }) => {
  const strides = stridesOf(shape)
  let from = 0
  const places = inputs.map((input) => {
    const at = positions(input.shape, strides, from * strides[axis as number]!)
    from += input.shape[axis as number]!
    return at
  })
  return (values, out) => {
    places.forEach((at, input) => {
      for (let k = 0; k < at.length; k++) out[at[k]!] = values[input]![k]!
    })
  }
}

export const shaping: Kernels = {
  reshape:
    () =>
    ([x], out) =>
      out.set(x!),
  transpose: ({ inputs: [x], shape, attributes: { axes } }) => {
    const strides = stridesOf(x!.shape)
    return picked(
      positions(
        shape,
        (axes as readonly number[]).map((axis) => strides[axis]!),
      ),
    )
  },
  broadcastTo: ({ inputs: [x], shape }) => picked(repeatedPositions(x!.shape, shape)),
  slice: (node) => {
    const strides = stridesOf(node.inputs[0]!.shape)
    return picked(positions(node.shape, strides, positionAt(begin(node), strides)))
  },
  pad: (node) => {
    const strides = stridesOf(node.shape)
    return placed(positions(node.inputs[0]!.shape, strides, positionAt(begin(node), strides)))
  },
  concat,
  sum,
  /** The number at argmax, so that its gradient goes there. */
  max: ({ inputs: [x] }) => {
    const length = x!.shape.at(-1)!
    return ([values], out) => {
      for (let row = 0; row < out.length; row++) {
        out[row] = values![row * length + largestAt(values!, row * length, length)]!
      }
    }
  },
  argmax: ({ inputs: [x] }) => {
    const length = x!.shape.at(-1)!
    return ([values], out) => {
      for (let row = 0; row < out.length; row++) out[row] = largestAt(values!, row * length, length)
    }
  },
}
