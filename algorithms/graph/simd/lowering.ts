import type { Activation } from '../matrices.js'
import { type Dtype, type Shape, sameShape, sizeOf, type Tensor } from '../tensor.js'
import type { Writer } from './command.js'
import { bytesOf } from './kernel-memory.js'
import * as code from './opcodes.js'
import { behind, float, type Place } from './storage.js'
import { repeatedStrides, stridedLoop, stridesOf } from './strided-loop.js'

/** Writes the commands that compute a node. */
export type Lowering = (node: Tensor, writer: Writer) => void

const types: { readonly [dtype in Dtype]: number } = { f32: code.f32Type, i32: code.i32Type, u8: code.u8Type }

const inBytes = (strides: readonly number[], dtype: Dtype) => strides.map((stride) => stride * bytesOf(dtype))

/** Strides in bytes of inputs that are repeated to the shape of a node. */
const strides = ({ inputs, shape }: Tensor) =>
  inputs.map((input) => inBytes(repeatedStrides(input.shape, shape), input.dtype))

const unary =
  (kernel: number, numbers: (node: Tensor) => readonly [number, number] = () => [0, 0]): Lowering =>
  (node, writer) => {
    const [p, q] = numbers(node)
    writer.command(kernel, writer.at(node), writer.at(node.inputs[0]!), sizeOf(node.shape), float(p), float(q))
  }

const binary =
  (kernel: number): Lowering =>
  (node, writer) => {
    const { length, steps, rows, axes, words } = stridedLoop(node.shape, strides(node))
    const places = node.inputs.map((input) => writer.at(input))
    writer.command(kernel, writer.at(node), ...places, length, ...steps, rows, axes, ...words)
  }

const comparison =
  (kind: number): Lowering =>
  (node, writer) => {
    const { length, steps, rows, axes, words } = stridedLoop(node.shape, strides(node))
    const places = node.inputs.map((input) => writer.at(input))
    const type = types[node.inputs[0]!.dtype]
    writer.command(code.compare, writer.at(node), ...places, length, ...steps, rows, axes, kind, type, ...words)
  }

const where: Lowering = (node, writer) => {
  const { length, steps, rows, axes, words } = stridedLoop(node.shape, strides(node))
  const places = node.inputs.map((input) => writer.at(input))
  writer.command(code.where, writer.at(node), ...places, length, ...steps, rows, axes, ...words)
}

/** Copies an array of a shape from one place to another, each with its strides in numbers. */
export function copy(
  writer: Pick<Writer, 'command'>,
  dtype: Dtype,
  shape: Shape,
  to: Place,
  from: Place,
  toStrides: readonly number[] = stridesOf(shape),
  fromStrides: readonly number[] = stridesOf(shape),
): void {
  const loop = stridedLoop(shape, [inBytes(toStrides, dtype), inBytes(fromStrides, dtype)])
  const kernel = bytesOf(dtype) === 1 ? code.copy1 : code.copy4
  writer.command(kernel, to, from, loop.length, ...loop.steps, loop.rows, loop.axes, ...loop.words)
}

const offset = (begin: readonly number[], all: readonly number[], dtype: Dtype) =>
  begin.reduce((sum, at, axis) => sum + at * all[axis]!, 0) * bytesOf(dtype)

const transpose: Lowering = (node, writer) => {
  const x = node.inputs[0]!
  const own = stridesOf(x.shape)
  const turned = (node.attributes.axes as readonly number[]).map((axis) => own[axis]!)
  copy(writer, node.dtype, node.shape, writer.at(node), writer.at(x), undefined, turned)
}

const broadcastTo: Lowering = (node, writer) => {
  const x = node.inputs[0]!
  const from = repeatedStrides(x.shape, node.shape)
  copy(writer, node.dtype, node.shape, writer.at(node), writer.at(x), undefined, from)
}

const slice: Lowering = (node, writer) => {
  const x = node.inputs[0]!
  const own = stridesOf(x.shape)
  const from = behind(writer.at(x), offset(node.attributes.begin as readonly number[], own, x.dtype))
  copy(writer, node.dtype, node.shape, writer.at(node), from, undefined, own)
}

const pad: Lowering = (node, writer) => {
  const x = node.inputs[0]!
  const own = stridesOf(node.shape)
  writer.command(code.fill, writer.at(node), sizeOf(node.shape) * bytesOf(node.dtype))
  const to = behind(writer.at(node), offset(node.attributes.begin as readonly number[], own, x.dtype))
  copy(writer, node.dtype, x.shape, to, writer.at(x), own)
}

const concat: Lowering = (node, writer) => {
  const axis = node.attributes.axis as number
  const own = stridesOf(node.shape)
  let to = writer.at(node)
  for (const input of node.inputs) {
    copy(writer, node.dtype, input.shape, to, writer.at(input), own)
    to = behind(to, input.shape[axis]! * own[axis]! * bytesOf(node.dtype))
  }
}

/** One pass for each run of summed axes that lie together, from the last. */
const sum: Lowering = (node, writer) => {
  const x = node.inputs[0]!
  const axes = node.attributes.axes as readonly number[]
  const groups: { length: number; summed: boolean }[] = []
  x.shape.forEach((length, axis) => {
    if (length === 1) return
    const summed = axes.includes(axis)
    const before = groups.at(-1)
    if (before?.summed === summed) before.length *= length
    else groups.push({ length, summed })
  })
  const lengths = (some: typeof groups) => some.reduce((product, { length }) => product * length, 1)
  let from = writer.at(x)
  while (groups.some(({ summed }) => summed)) {
    const at = groups.findLastIndex(({ summed }) => summed)
    const [outer, inner] = [lengths(groups.slice(0, at)), lengths(groups.slice(at + 1))]
    const { length } = groups[at]!
    groups.splice(at, 1)
    const last = !groups.some(({ summed }) => summed)
    const to = last ? writer.at(node) : writer.scratch(outer * inner * 4)
    writer.command(code.sum, to, from, outer, length, inner)
    from = to
  }
}

const alongRows =
  (kernel: number): Lowering =>
  (node, writer) => {
    const x = node.inputs[0]!
    const length = x.shape.at(-1)!
    writer.command(kernel, writer.at(node), writer.at(x), sizeOf(x.shape) / length, length)
  }

const softmax =
  (logarithm: boolean): Lowering =>
  (node, writer) => {
    const length = node.shape.at(-1)!
    const [x, mask] = node.inputs.map((input) => writer.at(input))
    writer.command(code.softmax, writer.at(node), x!, mask!, sizeOf(node.shape) / length, length, Number(logarithm))
  }

const gather: Lowering = (node, writer) => {
  const [x, indices] = node.inputs
  writer.command(
    code.gather,
    writer.at(node),
    writer.at(x!),
    writer.at(indices!),
    sizeOf(indices!.shape),
    x!.shape.at(-1)!,
  )
}

const scatter: Lowering = (node, writer) => {
  const [indices, values] = node.inputs
  const rows = sizeOf(values!.shape)
  writer.command(
    code.scatter,
    writer.at(node),
    writer.at(indices!),
    writer.at(values!),
    rows,
    node.attributes.length as number,
  )
}

const gatherRows: Lowering = (node, writer) => {
  const [table, indices] = node.inputs
  const places = [writer.at(node), writer.at(table!), writer.at(indices!)]
  writer.command(code.gatherRows, ...places, sizeOf(indices!.shape), ...table!.shape)
}

const scatterAddRows: Lowering = (node, writer) => {
  const [indices, values] = node.inputs
  const places = [writer.at(node), writer.at(indices!), writer.at(values!)]
  writer.command(code.scatterAddRows, ...places, sizeOf(indices!.shape), ...node.shape)
}

interface Product {
  readonly bias: Place | 0
  readonly sizes: readonly [M: number, N: number, K: number]
  readonly turned: readonly [a: boolean, b: boolean]
  readonly batch: number
  /** What the result is raised to at least. */
  readonly floor: number
}

function product(node: Tensor, writer: Writer, { bias, sizes, turned, batch, floor }: Product): void {
  const [a, b] = node.inputs.map((input) => writer.at(input))
  const [, N, K] = sizes
  const packed = writer.scratch(Math.ceil(N / 16) * 64 * Math.min(K, code.blockK))
  const flags = turned.map(Number)
  writer.command(code.matmul, writer.at(node), a!, b!, bias, ...sizes, ...flags, batch, float(floor), packed)
}

const matmul: Lowering = (node, writer) => {
  const { transposeA, transposeB } = node.attributes
  const [M, N] = [node.shape.at(-2)!, node.shape.at(-1)!]
  const K = node.inputs[0]!.shape.at(transposeA ? -2 : -1)!
  product(node, writer, {
    bias: 0,
    sizes: [M, N, K],
    turned: [transposeA as boolean, transposeB as boolean],
    batch: sizeOf(node.shape.slice(0, -2)),
    floor: -Infinity,
  })
}

const dense: Lowering = (node, writer) => {
  const [M, N] = node.shape as [number, number]
  const activation = node.attributes.activation as Activation
  product(node, writer, {
    bias: writer.at(node.inputs[2]!),
    sizes: [M, N, node.inputs[0]!.shape[1]!],
    turned: [false, false],
    batch: 1,
    floor: activation === 'relu' ? 0 : -Infinity,
  })
  if (activation === 'none' || activation === 'relu') return
  const out = writer.at(node)
  writer.command(activation === 'tanh' ? code.tanh : code.sigmoid, out, out, M * N, 0, 0)
}

/** Of every operation but those that only give an array another name. */
export const lowerings: { readonly [operation: string]: Lowering } = {
  neg: unary(code.neg),
  exp: unary(code.exp),
  log: unary(code.log),
  sqrt: unary(code.sqrt),
  square: unary(code.square),
  abs: unary(code.abs),
  sign: unary(code.sign),
  relu: unary(code.relu),
  tanh: unary(code.tanh),
  sigmoid: unary(code.sigmoid),
  clamp: unary(code.clamp, ({ attributes: { low, high } }) => [low as number, high as number]),
  huber: unary(code.huber, ({ attributes: { delta } }) => [delta as number, (delta as number) / 2]),
  add: binary(code.add),
  sub: binary(code.sub),
  mul: binary(code.mul),
  div: binary(code.div),
  maximum: binary(code.maximum),
  minimum: binary(code.minimum),
  reluGradient: binary(code.reluGradient),
  tanhGradient: binary(code.tanhGradient),
  sigmoidGradient: binary(code.sigmoidGradient),
  greater: comparison(code.isGreater),
  greaterEqual: comparison(code.isGreaterEqual),
  equal: comparison(code.isEqual),
  where,
  cast: (node, writer) => {
    const x = node.inputs[0]!
    writer.command(code.cast, writer.at(node), writer.at(x), sizeOf(node.shape), types[x.dtype], types[node.dtype])
  },
  transpose,
  broadcastTo,
  slice,
  pad,
  concat,
  sum,
  max: alongRows(code.max),
  argmax: alongRows(code.argmax),
  gather,
  scatter,
  gatherRows,
  scatterAddRows,
  softmax: softmax(false),
  logSoftmax: softmax(true),
  matmul,
  dense,
}

/** Whether a node has the very numbers of its first input, in their order. */
export function isAlias({ operation, inputs, shape, dtype }: Tensor): boolean {
  if (operation === 'reshape' || operation === 'stopGradient') return true
  // To u8 makes 1 of what isn't 0.
  if (operation === 'cast') return dtype !== 'u8' && dtype === inputs[0]!.dtype
  return (operation === 'broadcastTo' || operation === 'sum') && sizeOf(shape) === sizeOf(inputs[0]!.shape)
}

const overwriting = new Set(
  ['neg exp log sqrt square abs sign relu tanh sigmoid clamp huber add sub mul div maximum minimum where cast']
    .concat('reluGradient tanhGradient sigmoidGradient softmax logSoftmax')
    .flatMap((names) => names.split(' ')),
)

/** Whether a node may be written over an input of its size: each number is read before its place is written. */
export function mayOverwrite(node: Tensor, input: Tensor): boolean {
  return (
    overwriting.has(node.operation) &&
    bytesOf(input.dtype) === bytesOf(node.dtype) &&
    (sameShape(input.shape, node.shape) || sizeOf(input.shape) === sizeOf(node.shape))
  )
}
