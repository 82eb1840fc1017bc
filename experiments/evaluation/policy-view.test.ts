import { describe, expect, it } from 'vitest'
import { valueIteration } from '#algorithms/planning/value-iteration.js'
import { cliffWalking } from '#env/cliff-walking/entry.js'
import { forest } from '#env/forest/entry.js'
import { frozenLake } from '#env/frozen-lake/entry.js'
import { gridworld } from '#env/gridworld/entry.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import type { EnvEntry } from '#env/registry.js'
import { taxi } from '#env/taxi/entry.js'
import { policyViewSchema } from '#results/store/trial-records.js'
import { Evaluator } from './evaluator.js'
import { ModelCache } from './model-cache.js'
import { optimalMaps } from './optimal-maps.js'
import { drawPolicy } from './policy-view.js'

/** The view of a scripted policy, and what is optimal. */
function drawn(entry: EnvEntry, settings: object, action: number, discount = 0.9) {
  const config = entry.schema.parse(settings)
  const evaluator = new Evaluator(entry, config, { discount, method: 'auto', episodes: 1 }, new ModelCache())
  const same = { observes: 'local' as const, act: (_: unknown, __: unknown, out: Int32Array) => void out.fill(action) }
  const view = drawPolicy(entry, config, same, evaluator)!
  const model = toJointMdp(entry.create(config))
  const { value } = valueIteration(model, { discount: 0.9, epsilon: 1e-9 })
  return { view: policyViewSchema.parse(view), maps: optimalMaps(entry, config, model, value, 0.9) }
}

describe('policies on maps', () => {
  it('have values, places and the best actions, cell by cell', () => {
    // Always right along the top row and off the map: 0 but where the goal is one step ahead.
    const { view, maps } = drawn(frozenLake, { map: ['SFG', 'FFH'], slippery: false }, 2)
    const [panel] = view.panels
    expect(panel!.places).toEqual([
      ['start', null, 'goal'],
      [null, null, 'hole'],
    ])
    const near = (value: number) => expect.closeTo(value, 6)
    expect(panel!.value).toEqual([
      [near(0.9), near(1), null],
      [near(0), near(0), null],
    ])
    expect(panel!.choice[0]).toEqual(['right', 'right', null])
    expect(maps![0]!.value).toEqual([
      [near(0.9), near(1), null],
      [near(0.81), near(0.9), null],
    ])
    expect(maps![0]!.best).toEqual([
      [['right'], ['right'], []],
      [['right', 'up'], ['up'], []],
    ])
  })

  it('have no value where they go on for ever at a loss, undiscounted', () => {
    const { view } = drawn(cliffWalking, {}, 1, 1)
    const [panel] = view.panels
    // Right into the wall for ever, or off the cliff for ever.
    expect(panel!.value![0]).toEqual(new Array(12).fill(null))
    expect(panel!.value![3]!.slice(0, 2)).toEqual([null, null])
    expect(panel!.places![3]!.slice(0, 2)).toEqual(['start', 'cliff'])
  })

  it('show the walls and depots of the city', () => {
    const [panel] = drawn(taxi, {}, 0).view.panels
    expect(panel!.walls).toContainEqual([0, 1])
    expect(panel!.places![0]).toEqual(['red', null, null, null, 'green'])
  })

  it('leave out what would be too large, and say so', () => {
    const grid = (size: number) => ({ preset: 'empty', rows: size, columns: size })
    const values = drawn(gridworld, grid(32), 0)
    expect(values.view.panels[0]!.value).toBeUndefined()
    expect(values.view.note).toBe('Values are drawn on maps of up to 1000 cells; here there are 1024.')
    expect(values.maps).toBeUndefined()
    const { view } = drawn(gridworld, grid(51), 0)
    expect([view.panels, view.note]).toEqual([[], expect.stringContaining('2601 cells are too many to read')])
  })

  it('are plain tables of choices where states are no places', () => {
    const { view, maps } = drawn(forest, {}, 0)
    expect(view.panels[0]).not.toHaveProperty('value')
    expect([view.note, maps]).toEqual([undefined, undefined])
  })
})
