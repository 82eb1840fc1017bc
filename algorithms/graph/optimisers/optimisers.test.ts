import { describe, expect, it } from 'vitest'
import { scheduleAt } from '../../schedule.js'
import { gradients } from '../gradients.js'
import { Graph } from '../graph.js'
import { GraphError } from '../graph-error.js'
import { ReferenceEngine } from '../reference/reference-engine.js'
import type { Tensor } from '../tensor.js'
import { expectClose } from '../testing/expect-close.js'
import { computed } from '../testing/operation-case.js'
import { adam, adamW } from './adam.js'
import { clipScale, globalNorm } from './clip-by-norm.js'
import type { OptimiserOptions, OptimiserStep } from './optimiser.js'
import { rmsprop } from './rmsprop.js'
import { sgd } from './sgd.js'
import { hardUpdate, softUpdate } from './target-updates.js'

const start = { W: [0.1, -0.2, 0.3, 0.4, 0.5, -0.6], b: [0.05, -0.1, 0.15] } as const

/** mean((tanh(x W + b) - t)^2) of fixed x and t. */
function regression() {
  const graph = new Graph()
  const [W, b] = [graph.variable('W', [2, 3]), graph.variable('b', [3])]
  const x = graph.constant([1, -0.5, 0.25, 2, -1.5, 0.75, 0, 1], [4, 2])
  const t = graph.constant([0.5, -0.25, 0, -1, 1, 0.5, 0.25, 0.75, -0.5, 0, -0.75, 1], [4, 3])
  const loss = graph.mean(graph.square(graph.sub(graph.dense(x, W, b, 'tanh'), t)))
  return { graph, loss, parameters: [W, b] }
}

type Make = (graph: Graph, loss: Tensor, parameters: readonly Tensor[], rate: Tensor) => OptimiserStep

/** W and b after 1 and after 100 steps. */
function parametersAfter(make: Make, rateAt: (step: number) => number): number[][] {
  const { graph, loss, parameters } = regression()
  const engine = new ReferenceEngine()
  const rate = graph.input('rate', [])
  const executable = engine.compile({ outputs: { rate }, effects: make(graph, loss, parameters, rate).effects })
  for (const [name, values] of Object.entries(start)) engine.variable(name)!.set(values)
  const found: number[][] = []
  for (let step = 1; step <= 100; step++) {
    executable.input('rate').fill(rateAt(step))
    executable.run()
    if (step === 1 || step === 100) found.push([...engine.variable('W')!, ...engine.variable('b')!])
  }
  return found
}

interface Known {
  readonly name: string
  readonly make: Make
  readonly rate: number | ((step: number) => number)
  /** W and b of torch 2.15.0 in f64, rounded at the twelfth place: after one step, after a hundred. */
  readonly first: readonly number[]
  readonly last: readonly number[]
}

const linear = { kind: 'linear', from: 0.01, to: 0.001, until: 1 } as const

// torch.optim on the same loss, `lr` the rate, clip_grad_norm_ before each step where a norm is told.
const known: readonly Known[] = [
  {
    name: 'SGD',
    make: (graph, loss, parameters, rate) => sgd(graph, loss, parameters, { rate }),
    rate: 0.1,
    first: [
      0.10429686008, -0.200417112704, 0.293942240096, 0.361625636681, 0.489810734921, -0.558168141074, 0.039878494518,
      -0.107481992653, 0.173601642265,
    ],
    last: [
      -0.190300896977, -0.28044551946, 0.421240378481, -0.586185819083, 0.393552167636, 0.389078992721, 0.371917033192,
      -0.217952029525, 0.078668757549,
    ],
  },
  {
    name: 'SGD, momentum .9',
    make: (graph, loss, parameters, rate) => sgd(graph, loss, parameters, { rate, momentum: 0.9 }),
    rate: 0.1,
    first: [
      0.10429686008, -0.200417112704, 0.293942240096, 0.361625636681, 0.489810734921, -0.558168141074, 0.039878494518,
      -0.107481992653, 0.173601642265,
    ],
    last: [
      -0.227029171768, -0.338921249253, 1.05689282528, -0.734389889366, 0.481601275635, 1.681930925029, 0.525295383767,
      -0.360977595314, -0.211254090255,
    ],
  },
  {
    name: 'SGD cut to norm .1',
    make: (graph, loss, parameters, rate) => sgd(graph, loss, parameters, { rate, maxNorm: 0.1 }),
    rate: 0.1,
    first: [
      0.100671292111, -0.200065164902, 0.299053605107, 0.394004829832, 0.498408146149, -0.593464670394, 0.048418732131,
      -0.101168900674, 0.153687249752,
    ],
    last: [
      -0.014257943175, -0.234095881203, 0.335678699453, -0.255870229531, 0.39115341123, 0.029054230112, 0.040401989681,
      -0.184288477038, 0.368192392618,
    ],
  },
  {
    name: 'RMSprop, eps 1e-5',
    make: (graph, loss, parameters, rate) => rmsprop(graph, loss, parameters, { rate, epsilon: 1e-5 }),
    rate: 0.01,
    first: [
      0.199767812285, -0.2976586976, 0.200164805466, 0.300026052275, 0.40009804628, -0.500023899512, -0.049901297986,
      -0.199866524162, 0.249957648012,
    ],
    last: [
      -0.215804109967, -0.481614932574, 0.431565054456, -0.657485612587, 0.639140857528, 0.401326335669, 0.459914466435,
      -0.620566198356, 0.044293764751,
    ],
  },
  {
    name: 'RMSprop, alpha .9, eps 1e-5, cut to norm .1',
    make: (graph, loss, parameters, rate) =>
      rmsprop(graph, loss, parameters, { rate, alpha: 0.9, epsilon: 1e-5, maxNorm: 0.1 }),
    rate: 0.01,
    first: [
      0.131474508607, -0.230159230179, 0.268482535646, 0.368393894698, 0.468439918689, -0.568392517445, 0.018440337572,
      -0.131537456952, 0.181595679356,
    ],
    last: [
      -0.215259885063, -0.373737429825, 0.445295285997, -0.638506436571, 0.522318830427, 0.437648236825, 0.451302350566,
      -0.438868932539, 0.034996875119,
    ],
  },
  {
    name: 'Adam',
    make: (graph, loss, parameters, rate) => adam(graph, loss, parameters, { rate }),
    rate: 0.01,
    first: [
      0.109999997673, -0.209999976026, 0.290000001651, 0.390000000261, 0.490000000981, -0.590000000239, 0.040000000988,
      -0.109999998663, 0.159999999576,
    ],
    last: [
      -0.139993607526, -0.30804108429, 0.576138797412, -0.371605685225, 0.435022115035, 0.000405131361, 0.218035365573,
      -0.284912350108, 0.552666748667,
    ],
  },
  {
    name: 'Adam, betas .8 and .95, eps 1e-3, cut to norm .2',
    make: (graph, loss, parameters, rate) =>
      adam(graph, loss, parameters, { rate, beta1: 0.8, beta2: 0.95, epsilon: 1e-3, maxNorm: 0.2 }),
    rate: 0.01,
    first: [
      0.109306799572, -0.205658399483, 0.290501809075, 0.390082710658, 0.490304533805, -0.590075926344, 0.040306510052,
      -0.109589794304, 0.159866211778,
    ],
    last: [
      -0.188282664684, -0.429849559098, 0.411474643857, -0.538026056832, 0.58787082577, 0.230194285395, 0.363807556681,
      -0.530179896798, 0.214936616735,
    ],
  },
  {
    name: 'AdamW',
    make: (graph, loss, parameters, rate) => adamW(graph, loss, parameters, { rate }),
    rate: 0.01,
    first: [
      0.109989997673, -0.209979976026, 0.289970001651, 0.389960000261, 0.489950000981, -0.589940000239, 0.039995000988,
      -0.109989998663, 0.159984999576,
    ],
    last: [
      -0.139842080403, -0.307109365053, 0.571536377119, -0.371166976466, 0.43342604415, 0.002939623321, 0.21770609917,
      -0.282433231855, 0.546533645052,
    ],
  },
  {
    name: 'AdamW, weight_decay .5, cut to norm .2',
    make: (graph, loss, parameters, rate) => adamW(graph, loss, parameters, { rate, decay: 0.5, maxNorm: 0.2 }),
    rate: 0.01,
    first: [
      0.109499992552, -0.208999923272, 0.288500005283, 0.388000000834, 0.487500003141, -0.587000000765, 0.039750003162,
      -0.109499995722, 0.159249998644,
    ],
    last: [
      -0.178608145109, -0.303737087939, 0.374417568889, -0.504194841348, 0.424957685827, 0.249521717074, 0.332573002412,
      -0.27201670691, 0.13005429565,
    ],
  },
  {
    name: 'Adam, a rate from .01 to .001',
    make: (graph, loss, parameters, rate) => adam(graph, loss, parameters, { rate }),
    rate: (step) => scheduleAt(linear, step - 1, 100),
    first: [
      0.109999997673, -0.209999976026, 0.290000001651, 0.390000000261, 0.490000000981, -0.590000000239, 0.040000000988,
      -0.109999998663, 0.159999999576,
    ],
    last: [
      -0.067991565399, -0.296951245647, 0.465988448185, -0.105799192392, 0.414905512703, -0.133309967631,
      -0.036837297614, -0.253387058399, 0.553656225886,
    ],
  },
]

describe('optimisers', () => {
  it.each(known)('are those of PyTorch: $name', ({ make, rate, first, last }) => {
    const got = parametersAfter(make, typeof rate === 'number' ? () => rate : rate)
    expectClose(got[0]!, first, 2e-12)
    // A correction of 1 - beta^t by recurrence and one by a power differ by roundings.
    expectClose(got[1]!, last, 1e-10)
  })

  it('take a number as their rate', () => {
    const { first } = known[0]!
    const got = parametersAfter(
      (graph, loss, parameters) => sgd(graph, loss, parameters, { rate: 0.1 }),
      () => 0,
    )
    expectClose(got[0]!, first, 2e-12)
  })

  it('tell the norm of all gradients before they are cut', () => {
    const { graph, loss, parameters } = regression()
    const engine = new ReferenceEngine()
    const { norm, effects } = sgd(graph, loss, parameters, { rate: 0.1, maxNorm: 0.1 })
    const slopes = gradients(graph, loss, parameters)
    const executable = engine.compile({ outputs: { norm, W: slopes[0]!, b: slopes[1]! }, effects })
    for (const [name, values] of Object.entries(start)) engine.variable(name)!.set(values)
    executable.run()
    const squares = [...executable.output('W'), ...executable.output('b')].map((value) => value * value)
    expectClose(executable.output('norm'), [Math.sqrt(squares.reduce((a, b) => a + b))], 1e-15)
    expect(executable.output('norm')[0]).toBeGreaterThan(0.1)
  })

  it('keep their variables apart by name', () => {
    const { graph, loss, parameters } = regression()
    const names = (options: Partial<OptimiserOptions>) => {
      const engine = new ReferenceEngine()
      engine.compile({ outputs: {}, effects: adam(graph, loss, parameters, { rate: 1, ...options }).effects })
      return [...engine.variables.keys()].filter((name) => name.includes('.')).sort()
    }
    const all = ['W.first', 'W.second', 'b.first', 'b.second', 'correction1', 'correction2']
    expect(names({})).toEqual(all.map((name) => `adam.${name}`))
    expect(names({ name: 'critic' })).toEqual(all.map((name) => `critic.${name}`))
  })

  it('refuse a rate of several numbers, and no parameters', () => {
    const { graph, loss, parameters } = regression()
    expect(() => sgd(graph, loss, parameters, { rate: graph.input('rates', [2]) })).toThrow(/a rate \[\], got \[2\]/)
    expect(() => adam(graph, loss, [], { rate: 1 })).toThrow(GraphError)
  })
})

describe('clipping by global norm', () => {
  function clipped(values: readonly number[], maxNorm: number): { norm: number; scale: number } {
    const graph = new Graph()
    const parts = values.map((value) => graph.constant([value], [1, 1]))
    const norm = globalNorm(graph, parts)
    const all = computed(new ReferenceEngine(), { norm, scale: clipScale(graph, norm, maxNorm) }, {})
    return { norm: all.norm![0]!, scale: all.scale![0]! }
  }

  it('is min(1, max / (norm + 1e-6)) of all gradients together', () => {
    expect(clipped([3, 4], 1)).toEqual({ norm: 5, scale: 1 / 5.000001 })
    expect(clipped([3, 4], 5.1)).toEqual({ norm: 5, scale: 1 })
    expect(clipped([3, 4], 5)).toEqual({ norm: 5, scale: 5 / 5.000001 })
    expect(clipped([0, 0], 1)).toEqual({ norm: 0, scale: 1 })
    expect(clipped([3, Number.NaN], 1)).toEqual({ norm: Number.NaN, scale: Number.NaN })
    expect(() => clipped([1], 0)).toThrow(/above 0, got 0/)
  })
})

describe('target updates', () => {
  function updated(
    make: (graph: Graph, targets: readonly Tensor[], sources: readonly Tensor[]) => OptimiserStep['effects'],
  ) {
    const graph = new Graph()
    const engine = new ReferenceEngine()
    const named = (prefix: string) => [graph.variable(`${prefix}.w`, [2]), graph.variable(`${prefix}.b`, [])]
    const executable = engine.compile({ outputs: {}, effects: make(graph, named('target'), named('source')) })
    engine.variable('source.w')!.set([1, 2])
    engine.variable('source.b')!.set([4])
    engine.variable('target.w')!.set([5, 10])
    executable.run()
    return [...engine.variable('target.w')!, ...engine.variable('target.b')!]
  }

  it('copy, or move a part of the way', () => {
    expect(updated((_, targets, sources) => hardUpdate(targets, sources))).toEqual([1, 2, 4])
    expect(updated((graph, targets, sources) => softUpdate(graph, targets, sources, 0.25))).toEqual([4, 8, 1])
    expect(updated((graph, targets, sources) => softUpdate(graph, targets, sources, 1))).toEqual([1, 2, 4])
    expect(updated((graph, targets, sources) => softUpdate(graph, targets, sources, 0))).toEqual([5, 10, 0])
  })

  it('refuse lists of two lengths, and rates outside 0..1', () => {
    expect(() => updated((_, targets, sources) => hardUpdate(targets, sources.slice(1)))).toThrow(
      /2 targets for 1 parameters/,
    )
    expect(() => updated((graph, targets, sources) => softUpdate(graph, targets, sources, 1.5))).toThrow(/got 1.5/)
  })
})
