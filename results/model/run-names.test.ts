import { expect, it } from 'vitest'
import type { RunData } from '../store/run-data.js'
import { type SmallRun, smallRun } from '../testing/small-run.js'
import { runNames } from './run-names.js'

function run(
  options: Partial<SmallRun> & { readonly rate?: number; readonly width?: number; readonly seeds?: number },
): RunData {
  const { rate = 0.1, width = 4, seeds = 3, ...rest } = options
  const scores = { q: { lake: Array.from({ length: seeds }, () => [1]) } }
  return smallRun({
    scores,
    algorithms: { q: { name: 'q', config: { learningRate: rate, encoder: { width } } } },
    ...rest,
  })
}

it.each([
  ['experiments', [run({}), run({ experiment: 'other' })], ['small', 'other']],
  ['one setting', [run({}), run({ rate: 0.5, hash: 'b' })], ['learningRate 0.1', 'learningRate 0.5']],
  [
    'settings',
    [run({}), run({ rate: 0.5, width: 8 })],
    ['learningRate 0.1 \u00b7 width 4', 'learningRate 0.5 \u00b7 width 8'],
  ],
  ['seeds', [run({}), run({ seeds: 10 })], ['seeds 3', 'seeds 10']],
  ['the discount', [run({}), run({ discount: 0.9 })], ['discount 1', 'discount 0.9']],
  ['the code, where nothing else', [run({}), run({ code: 'beef0000' })], ['code 0.1.0 (c0de)', 'code 0.1.0 (beef000)']],
  [
    'the time, where nothing at all',
    [run({}), run({ created: '2026-01-03T10:00:00.000Z' })],
    ['made 2026-01-02 03:04', 'made 2026-01-03 10:00'],
  ],
  ['a number, where not even that', [run({}), run({})], ['small (1)', 'small (2)']],
  [
    'settings within an experiment, and its name',
    [run({}), run({ rate: 0.5 }), run({ experiment: 'other' })],
    ['small \u00b7 learningRate 0.1', 'small \u00b7 learningRate 0.5', 'other'],
  ],
] as const)('tells runs apart by %s', (_, runs, names) => {
  expect(runNames(runs)).toEqual(names)
})

it('names the algorithms where one was added, the steps where those differ, and no settings of what only one has', () => {
  const grown = (algorithms: readonly string[], rate = 0.1) =>
    smallRun({
      scores: Object.fromEntries(algorithms.map((label) => [label, { lake: [[1]] }])),
      algorithms: Object.fromEntries(algorithms.map((label) => [label, { name: label, config: { rate } }])),
    })
  expect(runNames([grown(['q']), grown(['q', 'sarsa'])])).toEqual(['algorithms q', 'algorithms q and sarsa'])
  expect(runNames([grown(['q']), grown(['q', 'sarsa'], 0.5)])).toEqual([
    'rate 0.1 \u00b7 algorithms q',
    'rate 0.5 \u00b7 algorithms q and sarsa',
  ])
  const longer = run({})
  const trials = longer.manifest.trials.map((trial) => ({ ...trial, steps: trial.steps + 1000 }))
  const changed = { ...longer, manifest: { ...longer.manifest, trials } }
  expect(runNames([run({}), changed])).toEqual(['steps 0', 'steps 1k'])
})

it('names settings by as much of their path as tells them apart', () => {
  const two = (a: number, b: number) =>
    smallRun({
      scores: { x: { lake: [[1]] }, y: { lake: [[1]] } },
      algorithms: { x: { name: 'q', config: { rate: a } }, y: { name: 'q', config: { rate: b } } },
    })
  expect(runNames([two(1, 2), two(3, 4)])).toEqual(['x.rate 1 \u00b7 y.rate 2', 'x.rate 3 \u00b7 y.rate 4'])
})

it('counts what is too much to name, and never shows a hash', () => {
  const many = (value: number) =>
    smallRun({
      hash: `hash${value}`,
      scores: { q: { lake: [[1]] } },
      algorithms: { q: { name: 'q', config: { a: value, b: value, c: value, d: value, e: value } } },
    })
  const names = runNames([many(1), many(2)])
  expect(names).toEqual([
    'a 1 \u00b7 b 1 \u00b7 c 1 \u00b7 2 more settings',
    'a 2 \u00b7 b 2 \u00b7 c 2 \u00b7 2 more settings',
  ])
})
