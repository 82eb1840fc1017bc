import { Rng } from '#env/rng.js'
import { activations } from '../matrices.js'
import { type Attributes, type Shape, sizeOf } from '../tensor.js'
import { f32, type Given, i32, type OperationCase, u8 } from './operation-case.js'

const rng = new Rng('shaped cases')

const drawn = (shape: Shape, draw: () => number) => Array.from({ length: sizeOf(shape) }, draw)
/** Magnitudes from .1 to 2: away from 0, where slopes jump. Numbers that f32 holds. */
const size = () => Math.fround(0.1 + 1.9 * rng.uniform())
const floats = (shape: Shape) =>
  f32(
    shape,
    drawn(shape, () => (rng.integer(2) === 0 ? size() : -size())),
  )
const positive = (shape: Shape) => f32(shape, drawn(shape, size))
/** Repeats often. */
const indices = (shape: Shape, below: number) =>
  i32(
    shape,
    drawn(shape, () => rng.integer(below)),
  )
const bits = (shape: Shape) =>
  u8(
    shape,
    drawn(shape, () => rng.integer(2)),
  )
/** One choice at least in every row. */
function mask(shape: Shape): Given {
  const values = bits(shape).values.slice()
  const length = shape.at(-1)!
  for (let row = 0; row < values.length; row += length) values[row + rng.integer(length)] = 1
  return u8(shape, values)
}
const full = (shape: Shape) =>
  u8(
    shape,
    drawn(shape, () => 1),
  )

const of = (operation: string, inputs: readonly Given[], attributes: Attributes = {}): OperationCase => ({
  operation,
  inputs,
  attributes,
})

/** Whole vectors of 4 and 8, and what is left over. */
const shapes: readonly Shape[] = [[], [1], [3], [4], [7], [8], [17], [33], [2, 3], [5, 8], [2, 3, 4], [1, 5, 1]]

/** With scalars, rows, columns, inner and outer axes, both ways. */
const pairs: readonly (readonly [Shape, Shape])[] = [
  [[], []],
  [[], [5]],
  [[6], []],
  [[9], [9]],
  [[1], [4, 3]],
  [[3, 4], [4]],
  [[16], [3, 16]],
  [
    [3, 4],
    [3, 1],
  ],
  [
    [3, 1],
    [1, 4],
  ],
  [
    [2, 3, 4],
    [3, 1],
  ],
  [
    [2, 1, 4],
    [2, 3, 4],
  ],
  [
    [2, 1, 4],
    [3, 1],
  ],
  [
    [2, 3, 2, 3],
    [3, 1, 3],
  ],
  [
    [2, 8],
    [2, 8],
  ],
]

const unary: readonly OperationCase[] = shapes.flatMap((shape) => [
  ...['neg', 'exp', 'square', 'abs', 'sign', 'relu', 'tanh', 'sigmoid', 'stopGradient'].map((name) =>
    of(name, [floats(shape)]),
  ),
  ...['log', 'sqrt'].map((name) => of(name, [positive(shape)])),
  ...['reluGradient', 'tanhGradient', 'sigmoidGradient'].map((name) => of(name, [floats(shape), floats(shape)])),
  of('clamp', [floats(shape)], { low: -0.75, high: 0.5 }),
  of('huber', [floats(shape)], { delta: 1 }),
  of('huber', [floats(shape)], { delta: 0.5 }),
  of('cast', [floats(shape)], { dtype: 'i32' }),
  of('cast', [floats(shape)], { dtype: 'f32' }),
  of('cast', [bits(shape)], { dtype: 'f32' }),
  of('cast', [indices(shape, 3)], { dtype: 'u8' }),
])

const binary: readonly OperationCase[] = pairs.flatMap(([a, b]) => [
  ...['add', 'sub', 'mul', 'maximum', 'minimum', 'greater', 'greaterEqual', 'equal'].map((name) =>
    of(name, [floats(a), floats(b)]),
  ),
  of('div', [floats(a), positive(b)]),
  of('greaterEqual', [indices(a, 3), indices(b, 3)]),
  of('equal', [bits(a), bits(b)]),
  of('where', [bits(a), floats(b), floats(a)]),
  of('where', [bits(b), floats(a), floats([])]),
])

const moved: readonly OperationCase[] = [
  of('reshape', [floats([3, 4])], { shape: [2, 6] }),
  of('reshape', [floats([1])], { shape: [] }),
  of('transpose', [floats([5, 9])], { axes: [1, 0] }),
  ...[
    [0, 2, 1],
    [1, 0, 2],
    [2, 0, 1],
    [2, 1, 0],
  ].map((axes) => of('transpose', [floats([2, 3, 5])], { axes })),
  ...[
    [0, 2, 1, 3],
    [3, 2, 1, 0],
    [1, 3, 0, 2],
  ].map((axes) => of('transpose', [floats([2, 3, 4, 3])], { axes })),
  of('broadcastTo', [floats([])], { shape: [7] }),
  of('broadcastTo', [floats([4])], { shape: [3, 4] }),
  of('broadcastTo', [floats([3, 1])], { shape: [3, 9] }),
  of('broadcastTo', [floats([2, 1, 3])], { shape: [2, 2, 4, 3] }),
  ...[[0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2]].map((axes) => of('sum', [floats([3, 4, 5])], { axes })),
  of('sum', [floats([33])], { axes: [0] }),
  of('sum', [floats([2, 1, 3])], { axes: [1] }),
  ...([[5], [1], [3, 4], [2, 3, 17]] as const).flatMap((shape) => [
    of('max', [floats(shape)]),
    of('argmax', [floats(shape)]),
  ]),
  of('concat', [floats([2, 3]), floats([4, 3])], { axis: 0 }),
  of('concat', [floats([3, 2]), floats([3, 5]), floats([3, 1])], { axis: 1 }),
  of('concat', [floats([2, 2, 3]), floats([2, 1, 3])], { axis: 1 }),
  of('slice', [floats([9])], { begin: [3], size: [5] }),
  of('slice', [floats([4, 6])], { begin: [1, 2], size: [3, 3] }),
  of('slice', [floats([3, 4, 5])], { begin: [1, 0, 4], size: [2, 4, 1] }),
  of('pad', [floats([5])], { begin: [3], shape: [9] }),
  of('pad', [floats([2, 3])], { begin: [1, 0], shape: [4, 5] }),
  of('pad', [floats([2, 1, 3])], { begin: [0, 2, 1], shape: [2, 4, 5] }),
]

const products: readonly OperationCase[] = [false, true].flatMap((transposeA) =>
  [false, true].flatMap((transposeB) =>
    (
      [
        [[], 1, 1, 1],
        [[], 2, 3, 4],
        [[], 4, 8, 8],
        [[], 5, 7, 3],
        [[], 9, 2, 12],
        [[], 33, 19, 41],
        [[3], 2, 5, 4],
        [[2, 2], 3, 1, 2],
        [[4], 1, 9, 8],
      ] as const
    ).map(([batch, rows, inner, columns]) => {
      const a = transposeA ? [inner, rows] : [rows, inner]
      const b = transposeB ? [columns, inner] : [inner, columns]
      return of('matmul', [floats([...batch, ...a]), floats([...batch, ...b])], { transposeA, transposeB })
    }),
  ),
)

const layers: readonly OperationCase[] = activations.flatMap((activation) =>
  (
    [
      [1, 1, 1],
      [3, 2, 5],
      [4, 3, 8],
      [5, 9, 3],
      [17, 16, 64],
      [1, 35, 6],
    ] as const
  ).map(([rows, inner, columns]) =>
    of('dense', [floats([rows, inner]), floats([inner, columns]), floats([columns])], { activation }),
  ),
)

const picked: readonly OperationCase[] = [
  ...([[5], [3, 4], [2, 3, 6], [9, 1]] as const).flatMap((shape) => {
    const [rows, length] = [shape.slice(0, -1), shape.at(-1)!]
    return [
      of('gather', [floats(shape), indices(rows, length)]),
      of('scatter', [indices(rows, length), floats(rows)], { length }),
    ]
  }),
  ...([[], [1], [7], [2, 5]] as const).flatMap((shape) =>
    [3, 8].flatMap((width) => [
      of('gatherRows', [floats([4, width]), indices(shape, 4)]),
      of('scatterAddRows', [indices(shape, 4), floats([...shape, width])], { rows: 4 }),
    ]),
  ),
  ...([[1], [5], [3, 4], [2, 3, 17]] as const).flatMap((shape) =>
    ['softmax', 'logSoftmax'].flatMap((name) => [
      of(name, [floats(shape), mask(shape)]),
      of(name, [floats(shape), full(shape)]),
    ]),
  ),
]

/** Every operation in many shapes, with numbers away from ties and from where slopes jump. */
export const shapedCases: readonly OperationCase[] = [...unary, ...binary, ...moved, ...products, ...layers, ...picked]
