import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { toMdp } from '../mdp/enumerate.js'
import { allocateSlots } from '../slot.js'
import { asOriginal, type Transitions } from '../testing/as-original.js'
import { envConformance } from '../testing/env-conformance.js'
import { taxiState } from './city.js'
import { taxiConfig } from './config.js'
import { taxi } from './entry.js'
import { Taxi } from './taxi.js'

const shared = process.env.CADRE_SHARED ?? fileURLToPath(new URL('../../../shared', import.meta.url))
const tables = `${shared}/known-answers/toy-text-transitions.json`

const make = (config: object = {}) => new Taxi(taxiConfig.parse(config))

describe('taxi', () => {
  envConformance(() => make())
})

describe('taxi in the rain, without a limit', () => {
  envConformance(() => make({ rainProbability: 0.2, limitSteps: null }))
})

describe('taxi with a fickle passenger', () => {
  envConformance(() => make({ fickleProbability: 0.3, rainProbability: 0.2 }))
})

describe('taxi equals Gymnasium', () => {
  it.skipIf(!existsSync(tables))(
    'transition for transition (skipped without ../shared, which holds the tables)',
    () => {
      const original = (JSON.parse(readFileSync(tables, 'utf8')) as { [name: string]: Transitions }).taxi!
      const own = asOriginal(make().table)
      const different = Object.keys(original).filter((s) => JSON.stringify(own[s]) !== JSON.stringify(original[s]))
      // Only states that nobody gets into: the passenger at their destination. There only what counts as an end differs.
      for (const s of different) expect(Math.floor(Number(s) / 4) % 5, s).toBe(Number(s) % 4)
      const withoutEnds = (table: Transitions) =>
        Object.values(table).map((row) =>
          Object.values(row).map((all) => all.map(([p, next, reward]) => [p, next, reward])),
        )
      expect(withoutEnds(own)).toEqual(withoutEnds(original))
    },
  )

  it('reaches 404 states from 300 starts, and ends in 4', () => {
    const mdp = toMdp(make())
    expect(mdp.numStates).toBe(404)
    expect(mdp.start.filter((p) => p > 0)).toEqual(new Float64Array(300).fill(1 / 300))
    expect(mdp.terminal.filter((end) => end === 1)).toHaveLength(4)
  })

  it('has the limit of the original, 200 steps', () => {
    expect(make().spec.limitSteps).toBe(200)
  })
})

describe('taxi rules', () => {
  /** What an action leads to: [probability, state, reward]. */
  const outcomes = (config: object, state: number, action: number) =>
    asOriginal(make(config).table)[state]![action]!.map(([p, next, reward]) => [p, next, reward])

  it('drives around walls', () => {
    const cellAfter = (cell: number, action: number) =>
      Math.floor(outcomes({}, taxiState(cell, 4, 0), action)[0]![1]! / 20)
    expect([cellAfter(1, 2), cellAfter(2, 3), cellAfter(11, 2), cellAfter(20, 2), cellAfter(0, 1)]).toEqual([
      1, 2, 12, 20, 0,
    ])
  })

  it('pays for a ride: red to blue', () => {
    const env = make()
    const slot = allocateSlots(env.spec, 1).rows[0]!
    env.bind(slot)
    env.loadState({ state: taxiState(5, 0, 3), stepsTaken: 0, rng: [0, 0, 0, 1] })
    // North to red, pick up, an illegal drop off on the way, then to blue.
    const actions = [1, 4, 0, 5, 0, 2, 2, 2, 0, 0, 5]
    const rewards = actions.map((action) => {
      env.step(Int32Array.of(action))
      return slot.reward[0]
    })
    expect(rewards).toEqual([-1, -1, -1, -10, -1, -1, -1, -1, -1, -1, 20])
    expect([slot.stateId[0], slot.terminated[0], slot.truncated[0]]).toEqual([taxiState(23, 3, 3), 1, 0])
  })

  it('puts passengers down at another depot for the price of a step', () => {
    expect(outcomes({}, taxiState(0, 4, 3), 5)).toEqual([[1, taxiState(0, 0, 3), -1]])
  })

  // Rows of Taxi-v4 with is_rainy: state 0 south, east and north (blocked), state 41 (cell 2, west is a wall) west and east.
  it('drifts sideways in the rain, and not where the way ahead is blocked', () => {
    const rain = { rainProbability: 0.2 }
    expect(outcomes(rain, 0, 0)).toEqual([
      [0.8, 100, -1],
      [0.1, 20, -1],
      [0.1, 0, -1],
    ])
    expect(outcomes(rain, 0, 2)).toEqual([
      [0.8, 20, -1],
      [0.1, 0, -1],
      [0.1, 100, -1],
    ])
    expect(outcomes(rain, 0, 1)).toEqual([[1, 0, -1]])
    expect(outcomes(rain, 41, 3)).toEqual([[1, 41, -1]])
    expect(outcomes(rain, 41, 0)).toEqual([
      [0.8, 141, -1],
      [0.1, 61, -1],
      [0.1, 41, -1],
    ])
    expect(outcomes(rain, 0, 4)).toEqual([[1, 16, -1]])
  })

  it('lets a fickle passenger change their mind once, on the first drive', () => {
    const fickle = { fickleProbability: 0.3 }
    // Waiting at red, and aboard but not driven anywhere yet: nothing changes.
    expect(outcomes(fickle, taxiState(0, 0, 3), 4)).toEqual([[1, taxiState(0, 4, 3), -1]])
    expect(outcomes(fickle, taxiState(0, 4, 3), 1)).toEqual([[1, taxiState(0, 4, 3), -1]])
    expect(outcomes(fickle, taxiState(0, 4, 3), 5)).toEqual([[1, taxiState(0, 0, 3), -1]])
    const driven = outcomes(fickle, taxiState(0, 4, 3), 0)
    expect(driven.map(([, next]) => next)).toEqual([3, 0, 1, 2].map((d) => 500 + taxiState(5, 4, d)))
    driven.forEach(([p], i) => {
      expect(p).toBeCloseTo(i === 0 ? 0.7 : 0.1, 15)
    })
    expect(outcomes(fickle, 500 + taxiState(5, 4, 0), 1)).toEqual([[1, 500 + taxiState(0, 4, 0), -1]])
    expect(outcomes(fickle, 500 + taxiState(0, 4, 0), 5)).toEqual([[1, 500 + taxiState(0, 0, 0), 20]])
    expect(outcomes(fickle, 500 + taxiState(0, 0, 1), 4)).toEqual([[1, 500 + taxiState(0, 4, 1), -1]])
  })

  it('draws the city once for each errand: 12 to fetch, 4 to bring', () => {
    const view = taxi.policyView!(taxi.schema.parse({}))
    expect(view.panels).toHaveLength(16)
    expect(view.panels[0]!.title).toBe('passenger at red, to green')
    expect(view.panels[15]!.states[4]![3]).toBe(taxiState(23, 4, 3))
    expect(view.describe(Int32Array.of(4))).toBe('pick up')
    const fickle = taxi.policyView!(taxi.schema.parse({ fickleProbability: 0.3 }))
    expect([fickle.panels[0]!.states[0]![0], fickle.panels[15]!.states[0]![0]]).toEqual([1, 500 + 19])
  })
})

describe('taxi config', () => {
  it.each([
    [{ rainProbability: 1.2 }, /1/],
    [{ fickleProbability: -1 }, /0/],
    [{ limitSteps: 0 }, />=1/],
    [{ rain: true }, /rain/],
  ])('refuses %j', (config, message) => {
    expect(taxiConfig.safeParse(config).error?.issues[0]?.message).toMatch(message)
  })
})
