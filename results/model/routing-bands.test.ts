import { expect, it } from 'vitest'
import type { RoutingScore } from '../store/routing-records.js'
import { readRun } from '../store/run-data.js'
import { writeFakeRoutingRun } from '../testing/fake-routing-run.js'
import { temporaryDirectory } from '../testing/temporary-directory.js'
import type { Routed } from './routed-series.js'
import { costBands, costRange } from './routing-bands.js'

const path = temporaryDirectory()

it('places the points of a cost curve evenly, or by equal ratios where costs are apart by far', () => {
  writeFakeRoutingRun(path('run'))
  const [label, routing] = Object.entries(readRun(path('run')).routing!.environments)[0]!
  const single = { cheap: { quality: 0.5, cost: 1 }, dear: { quality: 0.9, cost: 100 } }
  const hull = [
    { cost: 1, quality: 0.5 },
    { cost: 100, quality: 0.9 },
  ]
  const scores = Object.values(routing.baselines)[0]!.map((score): RoutingScore[] => [{ ...score, single, hull }])
  expect(costRange(scores[0]![0]!)).toEqual({ min: 1, max: 100 })
  const world = { label, routing } as Routed
  const at = (geometric: boolean) => {
    const points = costBands(world, { name: 'x', scores }, geometric)
    return [0, 25, 50].map((i) => [points[i]!.x, points[i]!.mean])
  }
  const onHull = (x: number) => 0.5 + (0.4 * (x - 1)) / 99
  expect(at(false)).toEqual([1, 50.5, 100].map((x) => [expect.closeTo(x, 9), expect.closeTo(onHull(x), 9)]))
  expect(at(true)).toEqual([1, 10, 100].map((x) => [expect.closeTo(x, 9), expect.closeTo(onHull(x), 9)]))
})
