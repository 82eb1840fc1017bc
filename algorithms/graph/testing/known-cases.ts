import type { Attributes } from '../tensor.js'
import { f32, type Given, i32, type OperationCase, u8 } from './operation-case.js'

/** An operation whose result was worked out by hand. */
export interface KnownCase extends OperationCase {
  readonly expected: readonly number[]
}

const known = (
  operation: string,
  inputs: readonly Given[],
  expected: readonly number[],
  attributes: Attributes = {},
): KnownCase => ({ operation, inputs, expected, attributes })

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number
const six = [1, 2, 3, 4, 5, 6]
const counted = (length: number, from = 1) => Array.from({ length }, (_, k) => from + k)

const elementwise: readonly KnownCase[] = [
  known('neg', [f32([3], [1, -2, 0])], [-1, 2, 0]),
  known('exp', [f32([3], [0, 1, -1])], [1, Math.E, 0.36787944117144233]),
  known('exp', [f32([4], [-800, 800, nan, 10])], [0, infinity, nan, 22026.465794806718]),
  known('log', [f32([4], [1, 4, 0, -1])], [0, 1.3862943611198906, -infinity, nan]),
  known('sqrt', [f32([4], [4, 2, 0, -1])], [2, Math.SQRT2, 0, nan]),
  known('square', [f32([3], [-3, 0.5, 0])], [9, 0.25, 0]),
  known('abs', [f32([4], [-3, 0.5, 0, nan])], [3, 0.5, 0, nan]),
  known('sign', [f32([3], [-3, 0.5, 0])], [-1, 1, 0]),
  known('relu', [f32([5], [-3, 0.5, 0, nan, infinity])], [0, 0.5, 0, nan, infinity]),
  known('tanh', [f32([5], [0, 1, -1, 50, -50])], [0, 0.7615941559557649, -0.7615941559557649, 1, -1]),
  known('tanh', [f32([2], [0.001, nan])], [0.0009999996666668, nan]),
  known('sigmoid', [f32([5], [0, 1, -1, 200, -200])], [0.5, 0.7310585786300049, 0.2689414213699951, 1, 0]),
  known('reluGradient', [f32([4], [5, 6, 7, 8]), f32([4], [1, 0, -1, nan])], [5, 0, 0, 0]),
  known('tanhGradient', [f32([3], [5, 6, 8]), f32([3], [0, 1, -0.5])], [5, 0, 6]),
  known('sigmoidGradient', [f32([3], [5, 6, 8]), f32([3], [0, 0.5, 0.25])], [0, 1.5, 1.5]),
  known('clamp', [f32([5], [-3, -1, 0.5, 2, 9])], [-1, -1, 0.5, 2, 2], { low: -1, high: 2 }),
  known('clamp', [f32([1], [nan])], [nan], { low: -1, high: 2 }),
  known('huber', [f32([5], [-3, -1, 0.5, 1, 4])], [2.5, 0.5, 0.125, 0.5, 3.5], { delta: 1 }),
  known('huber', [f32([2], [2, 5])], [2, 8], { delta: 2 }),
  known('add', [f32([2, 3], six), f32([3], [10, 20, 30])], [11, 22, 33, 14, 25, 36]),
  known('sub', [f32([2, 1], [10, 20]), f32([1, 3], [1, 2, 3])], [9, 8, 7, 19, 18, 17]),
  known('mul', [f32([], [2]), f32([2, 3], six)], [2, 4, 6, 8, 10, 12]),
  known('div', [f32([2, 3], six), f32([2, 1], [2, 4])], [0.5, 1, 1.5, 1, 1.25, 1.5]),
  known('div', [f32([3], [1, -1, 0]), f32([1], [0])], [infinity, -infinity, nan]),
  known('add', [f32([2, 1, 2], [1, 2, 3, 4]), f32([2, 1], [10, 20])], [11, 12, 21, 22, 13, 14, 23, 24]),
  known('maximum', [f32([4], [1, 5, nan, 1]), f32([4], [2, 3, 1, nan])], [2, 5, nan, nan]),
  known('minimum', [f32([4], [1, 5, nan, 1]), f32([4], [2, 3, 1, nan])], [1, 3, nan, nan]),
  known('greater', [f32([4], [1, 2, 3, nan]), f32([], [2])], [0, 0, 1, 0]),
  known('greaterEqual', [f32([4], [1, 2, 3, nan]), f32([], [2])], [0, 1, 1, 0]),
  known('equal', [f32([4], [1, 2, nan, 0]), f32([4], [2, 2, nan, -0])], [0, 1, 0, 1]),
  known('equal', [i32([2, 1], [1, 2]), i32([3], [1, 2, 3])], [1, 0, 0, 0, 1, 0]),
  known('greater', [u8([2], [1, 0]), u8([2], [0, 0])], [1, 0]),
  known('where', [u8([3], [1, 0, 1]), f32([3], [1, 2, 3]), f32([], [9])], [1, 9, 3]),
  known('where', [u8([2, 1], [1, 0]), f32([], [nan]), f32([2], [5, 6])], [nan, nan, 5, 6]),
  known('cast', [u8([3], [1, 0, 1])], [1, 0, 1], { dtype: 'f32' }),
  known('cast', [i32([3], [-7, 0, 12])], [-7, 0, 12], { dtype: 'f32' }),
  known('cast', [i32([3], [-7, 0, 12])], [1, 0, 1], { dtype: 'u8' }),
  known('cast', [f32([5], [-2.75, 2.75, 0, -0.5, 7])], [-2, 2, 0, 0, 7], { dtype: 'i32' }),
  known('cast', [f32([4], [-2.75, 0, -0, 0.25])], [1, 0, 0, 1], { dtype: 'u8' }),
  known('stopGradient', [f32([2], [1.5, -2])], [1.5, -2]),
]

const shaping: readonly KnownCase[] = [
  known('reshape', [f32([2, 3], six)], six, { shape: [3, 1, 2] }),
  known('reshape', [u8([4], [1, 0, 0, 1])], [1, 0, 0, 1], { shape: [2, 2] }),
  known('transpose', [f32([2, 3], six)], [1, 4, 2, 5, 3, 6], { axes: [1, 0] }),
  known('transpose', [f32([2, 3, 2], counted(12))], [1, 3, 5, 2, 4, 6, 7, 9, 11, 8, 10, 12], { axes: [0, 2, 1] }),
  known('transpose', [i32([2, 3, 2], counted(12))], [1, 7, 3, 9, 5, 11, 2, 8, 4, 10, 6, 12], { axes: [2, 1, 0] }),
  known('transpose', [f32([2, 3, 2], counted(12))], [1, 7, 2, 8, 3, 9, 4, 10, 5, 11, 6, 12], { axes: [1, 2, 0] }),
  known('transpose', [f32([2, 2, 2, 2], counted(16))], [1, 3, 9, 11, 5, 7, 13, 15, 2, 4, 10, 12, 6, 8, 14, 16], {
    axes: [3, 1, 0, 2],
  }),
  known('broadcastTo', [f32([], [7])], [7, 7, 7, 7], { shape: [2, 2] }),
  known('broadcastTo', [f32([2, 1], [1, 2])], [1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2], { shape: [2, 2, 3] }),
  known('broadcastTo', [i32([3], [1, 2, 3])], [1, 2, 3, 1, 2, 3], { shape: [2, 3] }),
  known('broadcastTo', [u8([2, 1, 2], [1, 0, 0, 1])], [1, 0, 1, 0, 0, 1, 0, 1], { shape: [2, 2, 2] }),
  known('sum', [f32([2, 3], six)], [6, 15], { axes: [1] }),
  known('sum', [f32([2, 3], six)], [5, 7, 9], { axes: [0] }),
  known('sum', [f32([2, 3], six)], [21], { axes: [0, 1] }),
  known('sum', [f32([2, 2, 3], counted(12))], [21, 57], { axes: [1, 2] }),
  known('sum', [f32([2, 2, 3], counted(12))], [22, 26, 30], { axes: [0, 1] }),
  known('sum', [f32([2, 2, 3], counted(12))], [5, 7, 9, 17, 19, 21], { axes: [1] }),
  known('max', [f32([2, 3], [1, 5, 5, -1, -3, -2])], [5, -1]),
  known('max', [f32([3, 2], [nan, 1, -infinity, nan, nan, nan])], [1, -infinity, nan]),
  known('argmax', [f32([2, 3], [1, 5, 5, -1, -3, -2])], [1, 0]),
  known('argmax', [f32([5, 2], [nan, 1, 1, nan, -infinity, nan, nan, -infinity, nan, nan])], [1, 0, 0, 1, 0]),
  known('argmax', [f32([6], [0, -1, 3, 2, 3, 3])], [2]),
  known('concat', [f32([2, 1], [1, 2]), f32([2, 2], [3, 4, 5, 6])], [1, 3, 4, 2, 5, 6], { axis: 1 }),
  known('concat', [f32([1, 2], [1, 2]), f32([2, 2], [3, 4, 5, 6])], six, { axis: 0 }),
  known('concat', [i32([2, 1, 2], [1, 2, 3, 4]), i32([2, 1, 2], [5, 6, 7, 8])], [1, 2, 5, 6, 3, 4, 7, 8], { axis: 1 }),
  known('concat', [u8([1], [1]), u8([2], [0, 1]), u8([1], [1])], [1, 0, 1, 1], { axis: 0 }),
  known('slice', [f32([2, 3], six)], [2, 3, 5, 6], { begin: [0, 1], size: [2, 2] }),
  known('slice', [i32([2, 3, 2], counted(12))], [9, 11], { begin: [1, 1, 0], size: [1, 2, 1] }),
  known('pad', [f32([1, 2], [1, 2])], [0, 0, 0, 0, 1, 2, 0, 0, 0], { begin: [1, 1], shape: [3, 3] }),
  known('pad', [u8([1], [1])], [0, 0, 1, 0], { begin: [2], shape: [4] }),
]

const matrices: readonly KnownCase[] = [
  known('matmul', [f32([2, 3], six), f32([3, 2], six)], [22, 28, 49, 64], { transposeA: false, transposeB: false }),
  known('matmul', [f32([3, 2], six), f32([3, 2], six)], [35, 44, 44, 56], { transposeA: true, transposeB: false }),
  known('matmul', [f32([2, 3], six), f32([2, 3], six)], [14, 32, 32, 77], { transposeA: false, transposeB: true }),
  known('matmul', [f32([3, 2], six), f32([2, 3], six)], [22, 49, 28, 64], { transposeA: true, transposeB: true }),
  known('matmul', [f32([2, 1, 2], [1, 2, 3, 4]), f32([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8])], [7, 10, 43, 50], {
    transposeA: false,
    transposeB: false,
  }),
  known('matmul', [f32([2, 1, 2], [1, 2, 3, 4]), f32([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8])], [5, 11, 39, 53], {
    transposeA: false,
    transposeB: true,
  }),
  ...(['none', 'relu'] as const).map((activation) =>
    known(
      'dense',
      [f32([2, 2], [1, 2, 3, 4]), f32([2, 3], six), f32([3], [0.5, -20, 0])],
      activation === 'none' ? [9.5, -8, 15, 19.5, 6, 33] : [9.5, 0, 15, 19.5, 6, 33],
      { activation },
    ),
  ),
  known('dense', [f32([1, 1], [2]), f32([1, 1], [0.5]), f32([1], [-1])], [0], { activation: 'tanh' }),
  known('dense', [f32([1, 1], [2]), f32([1, 1], [1]), f32([1], [-1])], [0.7615941559557649], { activation: 'tanh' }),
  known('dense', [f32([1, 1], [2]), f32([1, 1], [1]), f32([1], [-1])], [0.7310585786300049], { activation: 'sigmoid' }),
  known('dense', [f32([1, 1], [nan]), f32([1, 1], [1]), f32([1], [-1])], [nan], { activation: 'relu' }),
]

const indexing: readonly KnownCase[] = [
  known('gather', [f32([2, 3], six), i32([2], [2, 0])], [3, 4]),
  known('gather', [f32([3], [7, 8, 9]), i32([], [1])], [8]),
  known('gather', [f32([2, 2, 2], counted(8)), i32([2, 2], [0, 1, 1, 1])], [1, 4, 6, 8]),
  known('scatter', [i32([2], [2, 0]), f32([2], [5, 6])], [0, 0, 5, 6, 0, 0], { length: 3 }),
  known('gatherRows', [f32([3, 2], six), i32([2, 2], [2, 0, 2, 1])], [5, 6, 1, 2, 5, 6, 3, 4]),
  known('scatterAddRows', [i32([3], [1, 1, 0]), f32([3, 2], six)], [5, 6, 4, 6, 0, 0], { rows: 3 }),
  known('softmax', [f32([4], [0, 0, 0, 0]), u8([4], [1, 1, 1, 1])], [0.25, 0.25, 0.25, 0.25]),
  known(
    'softmax',
    [f32([2, 3], [0, 100, Math.log(3), 1, 1, nan]), u8([2, 3], [1, 0, 1, 1, 1, 0])],
    [0.25, 0, 0.75, 0.5, 0.5, 0],
  ),
  known('softmax', [f32([2], [-1000, 1000]), u8([2], [1, 1])], [0, 1]),
  known('softmax', [f32([2], [-1000, 1000]), u8([2], [1, 0])], [1, 0]),
  known('softmax', [f32([2, 2], [nan, 1, 0, 0]), u8([2, 2], [1, 1, 1, 1])], [nan, nan, 0.5, 0.5]),
  known(
    'logSoftmax',
    [f32([2, 3], [0, 100, Math.log(3), 1, 1, nan]), u8([2, 3], [1, 0, 1, 1, 1, 0])],
    [Math.log(0.25), 0, Math.log(0.75), Math.log(0.5), Math.log(0.5), 0],
  ),
  known('logSoftmax', [f32([2], [-1000, 1000]), u8([2], [1, 1])], [-2000, 0]),
]

/** Ties, NaN, infinities and what is easily mistaken, worked out by hand. */
export const knownCases: readonly KnownCase[] = [...elementwise, ...shaping, ...matrices, ...indexing]
