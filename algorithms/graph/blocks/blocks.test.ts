import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { Graph } from '../graph.js'
import { GraphError } from '../graph-error.js'
import { ReferenceEngine } from '../reference/reference-engine.js'
import { type Shape, sizeOf, type Tensor } from '../tensor.js'
import { expectClose } from '../testing/expect-close.js'
import { expectGradients, weights } from '../testing/finite-differences.js'
import { computed } from '../testing/operation-case.js'
import { type GruParameters, gru, gruCell } from './gru.js'
import { layerNorm } from './layer-norm.js'
import { huberLoss, squaredLoss } from './losses.js'
import { scan } from './scan.js'

/** A graph with inputs of random numbers. */
function drawn(seed: string) {
  const [graph, rng] = [new Graph(), new Rng(seed)]
  const given: { [input: string]: readonly number[] } = {}
  const input = (name: string, shape: Shape) => {
    given[name] = Array.from({ length: sizeOf(shape) }, () => 2 * rng.uniform() - 1)
    return graph.input(name, shape)
  }
  return { graph, given, input }
}

/** A sum of what comes out in which every number counts otherwise. */
const summed = (graph: Graph, x: Tensor) => graph.sum(graph.mul(x, weights(graph, x)))

describe('layerNorm', () => {
  it('is that of PyTorch', () => {
    const graph = new Graph()
    const x = graph.constant([1, 2, 4, 0, 0, 0.003], [2, 3])
    const y = layerNorm(graph, x, graph.constant([1, 2, -0.5], [3]), graph.constant([0, 0.1, 0.2], [3]))
    // torch 2.15.0, torch.nn.LayerNorm(3), f64
    const expected = [-1.0690415314502977, -0.4345207657251491, -0.4681509571564359]
    expected.push(-0.28867513459481287, -0.47735026918962575, -0.08867513459481285)
    expectClose(computed(new ReferenceEngine(), { y }, {}).y!, expected, 1e-12)
  })

  it('has the gradients of central differences', () => {
    const { graph, given, input } = drawn('layer norm')
    const [x, gain, bias] = [input('x', [2, 3, 5]), input('gain', [5]), input('bias', [5])]
    expectGradients(graph, summed(graph, layerNorm(graph, x, gain, bias, 0.01)), [x, gain, bias], given)
  })

  it('refuses a gain of another length', () => {
    const graph = new Graph()
    const wrong = () => layerNorm(graph, graph.input('x', [2, 3]), graph.input('g', [2]), graph.input('b', [3]))
    expect(wrong).toThrow(/layerNorm: input \[2, 3\], gain \[2\] and bias \[3\]/)
  })
})

function parametersOf(input: (name: string, shape: Shape) => Tensor, inputs: number, width: number): GruParameters {
  return {
    inputWeight: input('inputWeight', [inputs, 3 * width]),
    inputBias: input('inputBias', [3 * width]),
    hiddenWeight: input('hiddenWeight', [width, 3 * width]),
    hiddenBias: input('hiddenBias', [3 * width]),
  }
}

/** The formulas of a GRU on one row, number by number. */
function slowGru(x: readonly number[], h: readonly number[], given: { readonly [name: string]: readonly number[] }) {
  const width = h.length
  const sigmoid = (a: number) => 1 / (1 + Math.exp(-a))
  const product = (row: readonly number[], matrix: readonly number[], bias: readonly number[], column: number) =>
    row.reduce((sum, value, k) => sum + value * matrix[k * 3 * width + column]!, bias[column]!)
  return h.map((before, j) => {
    const fromX = (gate: number) => product(x, given.inputWeight!, given.inputBias!, gate * width + j)
    const fromH = (gate: number) => product(h, given.hiddenWeight!, given.hiddenBias!, gate * width + j)
    const r = sigmoid(fromX(0) + fromH(0))
    const z = sigmoid(fromX(1) + fromH(1))
    const n = Math.tanh(fromX(2) + r * fromH(2))
    return (1 - z) * n + z * before
  })
}

const rowsOf = (values: readonly number[], length: number) =>
  Array.from({ length: values.length / length }, (_, k) => values.slice(k * length, (k + 1) * length))

describe('gruCell', () => {
  it('is that of PyTorch', () => {
    const graph = new Graph()
    // Parameter k of torch.nn.GRUCell(2, 2), number i: (.37 i + .11 k) mod 1 - .5; its matrices are turned here.
    const of = (k: number, length: number) => Array.from({ length }, (_, i) => ((0.37 * i + 0.11 * k) % 1) - 0.5)
    const turned = (k: number) => [0, 1].flatMap((row) => of(k, 12).filter((_, i) => i % 2 === row))
    const y = gruCell(graph, graph.constant([0.5, -1, 2, 0.25], [2, 2]), graph.constant([0.1, -0.3, 0.7, 0], [2, 2]), {
      inputWeight: graph.constant(turned(0), [2, 6]),
      hiddenWeight: graph.constant(turned(1), [2, 6]),
      inputBias: graph.constant(of(2, 6), [6]),
      hiddenBias: graph.constant(of(3, 6), [6]),
    })
    // torch 2.15.0, f64
    const expected = [0.40937300396205684, -0.13461370763708733, 0.7431287363366011, -0.14731022742474617]
    expectClose(computed(new ReferenceEngine(), { y }, {}).y!, expected, 1e-14)
  })

  it('is what its formulas give, number by number', () => {
    const { graph, given, input } = drawn('cell')
    const next = gruCell(graph, input('x', [4, 3]), input('h', [4, 5]), parametersOf(input, 3, 5))
    const { h, x } = given
    const expected = rowsOf(x!, 3).flatMap((row, k) => slowGru(row, rowsOf(h!, 5)[k]!, given))
    expectClose(computed(new ReferenceEngine(), { next }, given).next!, expected, 1e-14)
  })

  it('has the gradients of central differences', () => {
    const { graph, given, input } = drawn('cell gradients')
    const [x, h, parameters] = [input('x', [2, 3]), input('h', [2, 2]), parametersOf(input, 3, 2)]
    expectGradients(graph, summed(graph, gruCell(graph, x, h, parameters)), [x, h, ...Object.values(parameters)], given)
  })

  it('refuses a state of another width', () => {
    const { graph, input } = drawn('width')
    const parameters = parametersOf(input, 3, 5)
    expect(() => gruCell(graph, input('x', [4, 3]), input('h', [4, 4]), parameters)).toThrow(
      /state \[4, 4\] and gates from the input \[4, 15\]/,
    )
  })
})

describe('gru through time', () => {
  const [STEPS, ROWS, INPUTS, WIDTH] = [4, 3, 2, 2]
  // Row 0 begins anew before step 2; row 1 before the first; row 2 never.
  const begins = [0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]

  function unrolled(seed: string) {
    const { graph, given, input } = drawn(seed)
    const [x, h] = [input('x', [STEPS, ROWS, INPUTS]), input('h', [ROWS, WIDTH])]
    const parameters = parametersOf(input, INPUTS, WIDTH)
    const reset = graph.input('reset', [STEPS, ROWS], 'u8')
    const scanned = gru(graph, x, h, parameters, reset)
    given.reset = begins
    return { graph, given, x, h, parameters, reset, ...scanned }
  }

  it('goes step by step, and forgets where an episode begins', () => {
    const { given, states, last } = unrolled('time')
    const expected: number[] = []
    let state = rowsOf(given.h!, WIDTH)
    for (let step = 0; step < STEPS; step++) {
      state = state.map((h, row) => {
        const x = rowsOf(given.x!, INPUTS)[step * ROWS + row]!
        return slowGru(x, begins[step * ROWS + row] === 1 ? [0, 0] : h, given)
      })
      expected.push(...state.flat())
    }
    const all = computed(new ReferenceEngine(), { states, last }, given)
    expectClose(all.states!, expected, 1e-14)
    expectClose(all.last!, state.flat(), 1e-14)
  })

  it('is a scan of its cell', () => {
    const { graph, given, x, h, parameters, reset, states } = unrolled('cell by cell')
    const cells = scan(graph, (input, state) => gruCell(graph, input, state, parameters), x, h, reset)
    const all = computed(new ReferenceEngine(), { states, other: cells.states }, given)
    expectClose(all.other!, all.states!, 1e-14)
  })

  it('has the gradients of central differences, none through where an episode begins', () => {
    const { graph, given, x, h, parameters, states } = unrolled('time gradients')
    const loss = summed(graph, states)
    expectGradients(graph, loss, [x, h, ...Object.values(parameters)], given, { order: 1 })
    expectGradients(graph, loss, [h, parameters.hiddenWeight], given)
  })

  it('refuses a reset that is no mask of steps and rows', () => {
    const graph = new Graph()
    const [x, h] = [graph.input('x', [4, 3, 2]), graph.input('h', [3, 2])]
    const scanned = (reset: Tensor) => () => scan(graph, (input) => input, x, h, reset)
    expect(scanned(graph.input('f', [4, 3]))).toThrow(/reset f32 \[4, 3\]/)
    expect(scanned(graph.input('r', [3, 4], 'u8'))).toThrow(GraphError)
  })
})

describe('losses', () => {
  const error = [-3, 0.5, 2, 100]
  const weight = [1, 2, 3, 0]

  function lossOf(make: (graph: Graph, error: Tensor, weight: Tensor) => Tensor): number {
    const graph = new Graph()
    const loss = make(graph, graph.constant(error, [2, 2]), graph.constant(weight, [2, 2]))
    expect(loss.shape).toEqual([])
    return computed(new ReferenceEngine(), { loss }, {}).loss![0]!
  }

  it('are weighted means, where weight 0 counts for nothing', () => {
    expect(lossOf(squaredLoss)).toBe((9 + 2 * 0.25 + 3 * 4) / 6)
    expect(lossOf(huberLoss)).toBe((2.5 + 2 * 0.125 + 3 * 1.5) / 6)
    expect(lossOf((graph, e, w) => huberLoss(graph, e, w, 2))).toBe((4 + 2 * 0.125 + 3 * 2) / 6)
  })

  it.each(Object.entries({ huberLoss, squaredLoss }))('%s has the gradients of central differences', (_, loss) => {
    const { graph, given, input } = drawn('losses')
    const [e, w] = [input('e', [3, 4]), input('w', [3, 4])]
    const all = { e: given.e!.map((value) => 2.2 * value), w: given.w!.map((value) => 1.5 + value) }
    expectGradients(graph, loss(graph, e, w), [e, w], all)
  })

  it('refuse weights of another shape', () => {
    const graph = new Graph()
    expect(() => huberLoss(graph, graph.input('e', [2, 3]), graph.input('w', [2, 1]))).toThrow(
      /errors \[2, 3\] and weights \[2, 1\]/,
    )
  })
})
