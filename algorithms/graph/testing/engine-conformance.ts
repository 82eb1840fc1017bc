import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { type Engine, IndexError } from '../engine.js'
import { made } from '../gradients.js'
import { Graph } from '../graph.js'
import { GraphError } from '../graph-error.js'
import { operations } from '../operations.js'
import { ReferenceEngine } from '../reference/reference-engine.js'
import type { Tensor } from '../tensor.js'
import { expectAdamStep } from './adam-step.js'
import { expectClose } from './expect-close.js'
import { knownCases } from './known-cases.js'
import { computed, f32, type Given, i32, type OperationCase, resultOf, titleOf, u8 } from './operation-case.js'
import { randomProgram } from './random-program.js'
import { roundings } from './rounding.js'
import { shapedCases } from './shaped-cases.js'
import { startOf, trained } from './small-training.js'

/**
 * What any engine promises: `describe('x', () => engineConformance((seeds) => new X(seeds), 1e-6))`.
 * @param tolerance - how far off one operation may be, of the largest number that took part (1 at least): 1e-6 for f32
 */
export function engineConformance(make: (seeds: number) => Engine, tolerance: number): void {
  describe('operations', () => {
    it('has a known case and one of many shapes for every operation', () => {
      for (const cases of [knownCases, shapedCases]) {
        expect(new Set(cases.map(({ operation }) => operation))).toEqual(new Set(operations.keys()))
      }
    })

    const engine = make(1)
    for (const one of knownCases) {
      it(`${titleOf(one)} gives ${one.expected.slice(0, 4).join(', ')}`, () => {
        expectClose(resultOf(engine, one), one.expected, tolerance)
      })
    }

    it.each([...operations.keys()])('%s in many shapes as the reference', (operation) => {
      for (const one of shapedCases.filter((each) => each.operation === operation)) {
        expectClose(resultOf(engine, one), resultOf(new ReferenceEngine(), one), 8 * tolerance, titleOf(one))
      }
    })
  })

  describe('programs', () => {
    it('computes random programs and their gradients as the reference', () => {
      let compared = 0
      fc.assert(
        fc.property(fc.string(), (seed) => {
          const { outputs, given } = randomProgram(new Rng(seed))
          const nodes = [...made(...Object.values(outputs))].sort((a, b) => a.id - b.id)
          const all = computed(new ReferenceEngine(), Object.fromEntries(nodes.map((node) => [node.id, node])), given)
          const errors = roundings(nodes, (node) => all[node.id]!)
          const got = computed(make(1), outputs, given)
          for (const [name, node] of Object.entries(outputs)) {
            const error = errors.get(node)!
            if (error > 1e4) continue
            compared++
            expectClose(got[name]!, all[node.id]!, tolerance * Math.max(1, error), `${name} (${node.operation})`)
          }
        }),
        { numRuns: 60 },
      )
      expect(compared).toBeGreaterThan(300)
    })

    it('gives the same bits in a second run, and in another engine', () => {
      const { outputs, given } = randomProgram(new Rng('twice'))
      const engine = make(1)
      const once = computed(engine, outputs, given)
      expect(computed(engine, outputs, given)).toEqual(once)
      expect(computed(make(1), outputs, given)).toEqual(once)
    })

    it('reads its inputs anew at each run, through the same arrays', () => {
      const graph = new Graph()
      const executable = make(1).compile({ outputs: { y: graph.square(graph.input('x', [3])) }, effects: [] })
      const [x, y] = [executable.input('x'), executable.output('y')]
      for (const values of [
        [1, 2, 3],
        [4, 5, 6],
      ]) {
        x.set(values)
        executable.run()
        expectClose(
          y,
          values.map((value) => value * value),
          tolerance,
        )
      }
      expect(executable.input('x')).toBe(x)
      expect(executable.output('y')).toBe(y)
    })

    it('gives constants, inputs and one node under two names', () => {
      const graph = new Graph()
      const constant = graph.constant([1, 0, 2], [3], 'i32')
      const x = graph.input('x', [2], 'u8')
      const executable = make(1).compile({ outputs: { a: constant, b: x, c: x }, effects: [] })
      executable.input('x').set([1, 0])
      executable.run()
      expect([...executable.output('a')]).toEqual([1, 0, 2])
      expect([...executable.output('b')]).toEqual([1, 0])
      expect([...executable.output('c')]).toEqual([1, 0])
    })

    it('runs two programs of one engine in turns', () => {
      const engine = make(1)
      const [one, other] = [new Graph(), new Graph()]
      const doubled = engine.compile({ outputs: { y: one.mul(one.scalar(2), one.input('x', [5])) }, effects: [] })
      const negated = engine.compile({ outputs: { y: other.neg(other.input('x', [5])) }, effects: [] })
      doubled.input('x').fill(3)
      negated.input('x').fill(4)
      doubled.run()
      negated.run()
      expect([...doubled.output('y')]).toEqual([6, 6, 6, 6, 6])
      expect([...negated.output('y')]).toEqual([-4, -4, -4, -4, -4])
    })
  })

  describe('variables and effects', () => {
    it('begins with zeros, and keeps what is written', () => {
      const engine = make(2)
      const graph = new Graph()
      const w = graph.variable('w', [2])
      const executable = engine.compile({
        outputs: { before: w },
        effects: [{ kind: 'assign', variable: w, value: graph.add(w, graph.scalar(1)) }],
      })
      executable.run()
      expect([...executable.output('before')]).toEqual([0, 0, 0, 0])
      engine.variable('w')!.set([1, 2, 3, 4])
      executable.run()
      expect([...executable.output('before')]).toEqual([1, 2, 3, 4])
      expect([...engine.variable('w')!]).toEqual([2, 3, 4, 5])
    })

    it('reads everything before it writes anything', () => {
      const engine = make(1)
      const graph = new Graph()
      const [a, b, c] = ['a', 'b', 'c'].map((name) => graph.variable(name, [3])) as [Tensor, Tensor, Tensor]
      const executable = engine.compile({
        outputs: { sum: graph.add(a, b), a },
        effects: [
          { kind: 'assign', variable: a, value: b },
          { kind: 'assign', variable: b, value: a },
          { kind: 'assign', variable: c, value: graph.sub(a, b) },
        ],
      })
      engine.variable('a')!.set([1, 2, 3])
      engine.variable('b')!.set([10, 20, 30])
      executable.run()
      expect([...engine.variable('a')!]).toEqual([10, 20, 30])
      expect([...engine.variable('b')!]).toEqual([1, 2, 3])
      expect([...engine.variable('c')!]).toEqual([-9, -18, -27])
      expect([...executable.output('sum')]).toEqual([11, 22, 33])
      expect([...executable.output('a')]).toEqual([1, 2, 3])
    })

    it('makes a step of Adam from what was there before, as its formula says', () => {
      for (const length of [1, 4, 7, 33]) expectAdamStep(make(1), length, tolerance)
    })

    it('shares variables by name between programs', () => {
      const engine = make(1)
      const [writer, reader] = [new Graph(), new Graph()]
      const x = writer.input('x', [2])
      const write = engine.compile({
        outputs: {},
        effects: [{ kind: 'assign', variable: writer.variable('w', [2]), value: x }],
      })
      const read = engine.compile({ outputs: { y: reader.neg(reader.variable('w', [2])) }, effects: [] })
      write.input('x').set([3, 4])
      write.run()
      read.run()
      expect([...read.output('y')]).toEqual([-3, -4])
    })

    it('tells its variables in the order in which programs named them', () => {
      const engine = make(3)
      const [one, other] = [new Graph(), new Graph()]
      const sum = one.add(one.variable('b', [2]), one.variable('a', []))
      engine.compile({ outputs: { sum }, effects: [] })
      engine.compile({ outputs: { a: other.variable('a', []), c: other.variable('c', [1, 4]) }, effects: [] })
      expect([...engine.variables]).toEqual([
        ['b', [2]],
        ['a', []],
        ['c', [1, 4]],
      ])
      expect(engine.variable('c')!.length).toBe(12)
      expect(engine.variable('d')).toBeUndefined()
      expect(engine.seeds).toBe(3)
    })
  })

  describe('seeds', () => {
    it('computes a seed among eight as if it were alone, to the bit', () => {
      const seeds = Array.from({ length: 8 }, (_, seed) => startOf(new Rng(`seed ${seed}`)))
      const together = trained(make(8), seeds)
      seeds.forEach((seed, k) => {
        const alone = trained(make(1), [seed])
        for (const [name, values] of Object.entries(alone)) {
          const part = together[name]!.slice(k * values.length, (k + 1) * values.length)
          expect(part, `${name} of seed ${k}`).toEqual(values)
        }
      })
      expectClose(together.loss!, trained(new ReferenceEngine(8), seeds).loss!, 1e3 * tolerance)
    })

    it('computes every operation for three seeds as for each alone, to the bit', () => {
      const [together, alone] = [make(3), make(1)]
      for (const one of [...knownCases, ...shapedCases]) {
        const cases = [0, 1, 2].map((by) => ({ ...one, inputs: one.inputs.map((given) => turned(given, by)) }))
        const inputs = one.inputs.map((given, k) => ({
          ...given,
          values: cases.flatMap((each) => each.inputs[k]!.values),
        }))
        const expected = cases.flatMap((each) => resultOf(alone, each))
        expect(resultOf(together, { ...one, inputs }), titleOf(one)).toEqual(expected)
      }
    })
  })

  describe('errors', () => {
    const outside = [-1, 3, 1e9].flatMap((index): OperationCase[] => [
      { operation: 'gather', inputs: [f32([2, 3], [1, 2, 3, 4, 5, 6]), i32([2], [0, index])], attributes: {} },
      { operation: 'scatter', inputs: [i32([2], [index, 0]), f32([2], [1, 2])], attributes: { length: 3 } },
      { operation: 'gatherRows', inputs: [f32([3, 1], [1, 2, 3]), i32([2], [0, index])], attributes: {} },
      { operation: 'scatterAddRows', inputs: [i32([1], [index]), f32([1, 2], [1, 2])], attributes: { rows: 3 } },
    ])
    it.each(outside.map((one) => [titleOf(one), one] as const))('refuses an index outside: %s', (_, one) => {
      expect(() => resultOf(make(1), one)).toThrow(IndexError)
      expect(() => resultOf(make(1), one)).toThrow(one.operation)
    })

    it.each(['softmax', 'logSoftmax'])('refuses a row of %s without anything', (operation) => {
      const inputs = [f32([2, 2], [1, 2, 3, 4]), u8([2, 2], [1, 1, 0, 0])]
      expect(() => resultOf(make(1), { operation, inputs, attributes: {} })).toThrow(IndexError)
    })

    it('leaves all variables as they were where one seed fails, and goes on after', () => {
      const engine = make(2)
      const graph = new Graph()
      const w = graph.variable('w', [1])
      const picked = graph.gather(graph.input('x', [1, 3]), graph.input('i', [1], 'i32'))
      const executable = engine.compile({
        outputs: {},
        effects: [{ kind: 'assign', variable: w, value: graph.add(w, picked) }],
      })
      executable.input('x').set([1, 2, 3, 4, 5, 6])
      executable.input('i').set([0, 7])
      expect(() => executable.run()).toThrow(IndexError)
      expect([...engine.variable('w')!]).toEqual([0, 0])
      executable.input('i').set([0, 2])
      executable.run()
      expect([...engine.variable('w')!]).toEqual([1, 6])
    })

    it('refuses a variable of another shape, and keeps nothing of that program', () => {
      const engine = make(1)
      const [one, other] = [new Graph(), new Graph()]
      engine.compile({ outputs: { w: one.variable('w', [2, 3]) }, effects: [] })
      const outputs = { v: other.variable('v', [1]), w: other.variable('w', [3, 2]) }
      expect(() => engine.compile({ outputs, effects: [] })).toThrow(/"w".*\[2, 3\].*\[3, 2\]/)
      expect([...engine.variables.keys()]).toEqual(['w'])
    })

    it('refuses effects that do not fit, or that write a variable twice', () => {
      const graph = new Graph()
      const w = graph.variable('w', [2])
      const assign = (variable: Tensor, value: Tensor) => ({ kind: 'assign', variable, value }) as const
      const compile = (...effects: readonly ReturnType<typeof assign>[]) => make(1).compile({ outputs: {}, effects })
      expect(() => compile(assign(w, graph.scalar(1)))).toThrow(GraphError)
      expect(() => compile(assign(w, graph.constant([1, 2], [2], 'i32')))).toThrow(/expected f32 \[2\], got i32 \[2\]/)
      expect(() => compile(assign(graph.neg(w), w))).toThrow(/expected a variable/)
      expect(() => compile(assign(w, graph.neg(w)), assign(w, w))).toThrow(/two effects write the variable "w"/)
      expect(() => compile(assign(w, new Graph().variable('w', [2])))).toThrow(/several graphs/)
    })

    it('names an input or output that is not there', () => {
      const graph = new Graph()
      const executable = make(1).compile({ outputs: { y: graph.neg(graph.input('x', [1])) }, effects: [] })
      expect(() => executable.input('z')).toThrow(/no input "z".*x/)
      expect(() => executable.output('z')).toThrow(/no output "z".*y/)
    })
  })
}

/** Each row of the last axis turned by some places: what is an index, or a mask with a choice, stays one. */
function turned({ shape, dtype, values }: Given, by: number): Given {
  const length = shape.at(-1) ?? 1
  const from = (k: number) => k - (k % length) + ((k + by) % length)
  return { shape, dtype, values: values.map((_, k) => values[from(k)]!) }
}
