import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { Graph } from '../graph.js'
import type { Tensor } from '../tensor.js'
import { SimdEngine } from './simd-engine.js'

/** What a graph of some inputs gives; they are named x0, x1, ... */
function computed(made: (graph: Graph) => Tensor, ...inputs: readonly Float32Array[]): Float32Array {
  const graph = new Graph()
  const executable = new SimdEngine().compile({ outputs: { y: made(graph) }, effects: [] })
  inputs.forEach((values, k) => {
    executable.input(`x${k}`).set(values)
  })
  executable.run()
  return executable.output('y') as Float32Array
}

const drawn = (rng: Rng, count: number, scale = 1) =>
  Float32Array.from({ length: count }, () => scale * (2 * rng.uniform() - 1))

/** The distance of neighbours in f32 where a number lies. */
function spacing(value: number): number {
  const size = Math.max(Math.abs(value), 2 ** -126)
  return 2 ** (Math.floor(Math.log2(size)) - 23)
}

/** The largest error of a function of one number, in units in the last place. */
function worst(name: 'exp' | 'log' | 'tanh' | 'sigmoid', exact: (x: number) => number, xs: Float32Array): number {
  const got = computed((graph) => graph[name](graph.input('x0', [xs.length])), xs)
  return Math.max(...xs.map((x, k) => Math.abs(got[k]! - exact(x)) / spacing(exact(x))))
}

const between = (low: number, high: number, count = 20_001) =>
  Float32Array.from({ length: count }, (_, k) => low + ((high - low) * k) / (count - 1))

describe('functions, in units in the last place of f32', () => {
  it('exp', () => {
    expect(worst('exp', Math.exp, between(-87, 88.7))).toBeLessThan(2)
    expect(worst('exp', Math.exp, between(-1, 1))).toBeLessThan(2)
  })
  it('log', () => {
    expect(worst('log', Math.log, between(1e-6, 4))).toBeLessThan(2)
    const wide = between(-87, 88).map(Math.exp)
    expect(worst('log', Math.log, wide)).toBeLessThan(2)
  })
  it('tanh', () => {
    expect(worst('tanh', Math.tanh, between(-12, 12))).toBeLessThan(4)
    expect(worst('tanh', Math.tanh, between(-1e-3, 1e-3))).toBeLessThan(4)
  })
  it('sigmoid', () => {
    const exact = (x: number) => 1 / (1 + Math.exp(-x))
    expect(worst('sigmoid', exact, between(-80, 80))).toBeLessThan(4)
  })
  it('at the ends', () => {
    const of = (name: 'exp' | 'log' | 'tanh' | 'sigmoid', ...xs: number[]) => [
      ...computed((graph) => graph[name](graph.input('x0', [xs.length])), Float32Array.from(xs)),
    ]
    expect(of('exp', 200, -200, Infinity, -Infinity, NaN, 0, -0)).toEqual([Infinity, 0, Infinity, 0, NaN, 1, 1])
    expect(of('log', 0, -1, Infinity, NaN, 1)).toEqual([-Infinity, NaN, Infinity, NaN, 0])
    expect(of('log', 1e-42)[0]).toBeCloseTo(Math.log(Math.fround(1e-42)), 4)
    expect(of('exp', -100)[0]! / Math.exp(-100)).toBeCloseTo(1, 1)
    expect(of('tanh', 100, -100, Infinity, NaN, -0)).toEqual([1, -1, 1, NaN, -0])
    expect(of('sigmoid', 200, -200, 0, NaN)).toEqual([1, 0, 0.5, NaN])
  })
})

/** Products added up in f32, one after the other, from a start: what every road of the kernel has to give, to the bit. */
function product(
  a: Float32Array,
  b: Float32Array,
  [M, N, K]: readonly [number, number, number],
  [turnedA, turnedB]: readonly [boolean, boolean],
  start: (column: number) => number,
): Float32Array {
  return Float32Array.from({ length: M * N }, (_, at) => {
    const [row, column] = [Math.floor(at / N), at % N]
    let sum = start(column)
    for (let k = 0; k < K; k++) {
      const [x, y] = [a[turnedA ? k * M + row : row * K + k]!, b[turnedB ? column * K + k : k * N + column]!]
      sum = Math.fround(sum + Math.fround(x * y))
    }
    return sum
  })
}

const lengths = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 65]

describe('products of matrices', () => {
  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('to the bit, a turned: %s, b turned: %s', (turnedA, turnedB) => {
    const rng = new Rng(`product ${turnedA} ${turnedB}`)
    for (const M of lengths) {
      for (const N of lengths) {
        const K = [1, 3, 5, 8, 17, 64, 129, 300][rng.integer(8)]!
        const [a, b] = [drawn(rng, M * K), drawn(rng, K * N)]
        const got = computed(
          (graph) =>
            graph.matmul(graph.input('x0', turnedA ? [K, M] : [M, K]), graph.input('x1', turnedB ? [N, K] : [K, N]), {
              transposeA: turnedA,
              transposeB: turnedB,
            }),
          a,
          b,
        )
        expect(got, `${M} ${N} ${K}`).toEqual(product(a, b, [M, N, K], [turnedA, turnedB], () => 0))
      }
    }
  })

  it('of a dense layer begin with the bias', () => {
    const rng = new Rng('dense')
    for (const [M, N, K] of [
      [1, 5, 3],
      [1, 64, 64],
      [3, 40, 17],
      [9, 65, 300],
      [32, 24, 129],
    ] as const) {
      const [x, weight, bias] = [drawn(rng, M * K), drawn(rng, K * N), drawn(rng, N)]
      const got = computed(
        (graph) => graph.dense(graph.input('x0', [M, K]), graph.input('x1', [K, N]), graph.input('x2', [N]), 'relu'),
        x,
        weight,
        bias,
      )
      const sums = product(x, weight, [M, N, K], [false, false], (column) => bias[column]!)
      expect(got, `${M} ${N} ${K}`).toEqual(sums.map((value) => Math.max(value, 0)))
    }
  })
})

describe('sums', () => {
  it.each([[[0]], [[1]], [[2]], [[0, 2]], [[1, 2]], [[0, 1]], [[0, 1, 2]]])('over axes %j beside f64', (axes) => {
    const rng = new Rng(`sum ${axes}`)
    for (const one of [1, 3, 8, 17]) {
      for (const two of [1, 5, 9]) {
        for (const three of [1, 4, 7, 16, 65]) {
          const x = drawn(rng, one * two * three)
          const got = computed((graph) => graph.sum(graph.input('x0', [one, two, three]), axes), x)
          const wanted = new Float64Array(got.length)
          const [kept1, kept2, kept3] = [0, 1, 2].map((axis) => (axes.includes(axis) ? 0 : 1)) as [
            number,
            number,
            number,
          ]
          const [width2, width3] = [kept2 ? two : 1, kept3 ? three : 1]
          for (let i = 0; i < one; i++)
            for (let j = 0; j < two; j++)
              for (let k = 0; k < three; k++)
                wanted[(kept1 * i * width2 + kept2 * j) * width3 + kept3 * k]! += x[(i * two + j) * three + k]!
          wanted.forEach((value, k) => {
            expect(Math.abs(got[k]! - value)).toBeLessThan(1e-4)
          })
        }
      }
    }
  })
})

describe('the bits', () => {
  /** FNV-1a of the bytes. */
  function digest(values: Float32Array): string {
    let hash = 0x811c9dc5
    for (const byte of new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
      hash = Math.imul(hash ^ byte, 0x01000193)
    return (hash >>> 0).toString(16)
  }

  /** Recorded on x86-64 with Node 20: a kernel that gives other bits makes other runs of the same config. */
  it('are the same on every machine and version of Node', () => {
    const xs = between(-30, 30, 4001)
    const of = (name: 'exp' | 'tanh' | 'sigmoid') =>
      digest(computed((graph) => graph[name](graph.input('x0', [xs.length])), xs))
    const logs = computed((graph) => graph.log(graph.abs(graph.input('x0', [xs.length]))), xs)
    expect({ exp: of('exp'), log: digest(logs), tanh: of('tanh'), sigmoid: of('sigmoid') }).toMatchInlineSnapshot(`
      {
        "exp": "141ae239",
        "log": "742cdf4",
        "sigmoid": "32fe4fbd",
        "tanh": "ff8bc2b5",
      }
    `)
  })
})
