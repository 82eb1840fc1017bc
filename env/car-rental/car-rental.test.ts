import { describe, expect, it } from 'vitest'
import { toMdp } from '../mdp/enumerate.js'
import { Rng } from '../rng.js'
import { allocateSlots } from '../slot.js'
import { envConformance } from '../testing/env-conformance.js'
import { playEpisode } from '../testing/play-episode.js'
import { CarRental } from './car-rental.js'
import { carRentalConfig } from './config.js'
import { carRental } from './entry.js'
import { locationDay } from './location.js'
import { cappedPoisson } from './poisson.js'
import { rentalPolicies } from './policies.js'

const make = (config: object = {}) => new CarRental(carRentalConfig.parse(config))

describe('car-rental', () => {
  envConformance(() => make())
})

describe('car-rental of four cars, from a start, without a limit', () => {
  envConformance(() =>
    make({ maxCars: 4, maxMoves: 2, start: [4, 0], requests: [1, 2], returns: [2, 0.5], limitSteps: null }),
  )
})

describe('cappedPoisson', () => {
  it('adds what lies beyond to the last number', () => {
    const [zero, one, rest] = cappedPoisson(3, 2)
    expect(zero).toBeCloseTo(Math.exp(-3), 15)
    expect(one).toBeCloseTo(3 * Math.exp(-3), 15)
    expect(rest).toBeCloseTo(1 - 4 * Math.exp(-3), 15)
  })

  it('is certain for a mean of 0', () => {
    expect([...cappedPoisson(0, 3)]).toEqual([1, 0, 0, 0])
  })
})

// Reference: a separate program with Poisson numbers up to 120 and locations of 20 cars.
describe('a day at a location', () => {
  const rentedFrom = (day: ReturnType<typeof locationDay>, morning: number) =>
    Array.from({ length: 21 }, (_, n) => day.next[morning * 21 + n]! * day.rented[morning * 21 + n]!).reduce(
      (a, b) => a + b,
      0,
    )

  it("equals the reference's", () => {
    const first = locationDay(20, 3, 3)
    const second = locationDay(20, 4, 2)
    const close = (got: number[], expected: number[]) => {
      got.forEach((x, i) => {
        expect(x).toBeCloseTo(expected[i]!, 8)
      })
    }
    close(
      [0, 1, 2, 3].map((n) => rentedFrom(first, n)),
      [0, 0.95021293, 1.75106466, 2.32787458],
    )
    close(
      [0, 1, 2, 3].map((n) => rentedFrom(second, n)),
      [0, 0.98168436, 1.89010617, 2.65200286],
    )
    close([...first.next.subarray(0, 3)], [0.04978707, 0.14936121, 0.22404181])
    close([...second.next.subarray(42, 45)], [0.12294152, 0.25579805, 0.26819181])
  })
})

describe('car-rental rules', () => {
  /** A world in which nobody comes and nothing is brought back. */
  const quiet = { requests: [0, 0], returns: [0, 0], maxCars: 6, maxMoves: 3 }
  const bound = (config: object) => {
    const env = make(config)
    const slot = allocateSlots(env.spec, 1).rows[0]!
    env.bind(slot)
    env.reset(new Rng('cars'))
    return { env, slot }
  }

  it('moves cars that are there, at a price, and loses what a location cannot hold', () => {
    const { env, slot } = bound({ ...quiet, start: [5, 5] })
    env.step(Int32Array.of(3 + 3))
    expect([slot.stateId[0], slot.reward[0]]).toEqual([2 * 7 + 6, -6])
    env.step(Int32Array.of(3 - 2))
    expect([slot.stateId[0], slot.reward[0]]).toEqual([4 * 7 + 4, -4])
    const empty = bound({ ...quiet, start: [1, 0] })
    expect([...empty.slot.mask]).toEqual([0, 0, 0, 1, 1, 0, 0])
    expect(() => empty.env.step(Int32Array.of(5))).toThrow(
      expect.objectContaining({ code: 'ERR_ILLEGAL_ACTION', message: expect.stringMatching(/can't move 2 cars/) }),
    )
    expect(() => empty.env.step(Int32Array.of(7))).toThrow(/action 7, expected 0\.\.6/)
  })

  it('rents out what it has; cars brought back stay for the night', () => {
    const { env, slot } = bound({ requests: [100, 100], returns: [100, 0], maxCars: 6, maxMoves: 3, start: [2, 5] })
    env.step(Int32Array.of(3))
    expect([slot.stateId[0], slot.reward[0]]).toEqual([6 * 7 + 0, 70])
  })

  it('refuses calls out of order and states of another problem', () => {
    const env = make()
    expect(() => env.reset(new Rng('a'))).toThrow(/car-rental\.reset: call bind first/)
    env.bind(allocateSlots(env.spec, 1).rows[0]!)
    expect(() => env.step(Int32Array.of(0))).toThrow(/car-rental\.step: call reset first/)
    expect(() => env.saveState()).toThrow(/reset first/)
    const foreign = { state: 441, stepsTaken: 0, rng: [0, 0, 0, 1] }
    expect(() => env.loadState(foreign)).toThrow(expect.objectContaining({ code: 'ERR_STATE' }))
  })

  it('is a model of 441 states; 4221 of 4851 moves are legal', () => {
    const mdp = toMdp(make())
    expect(mdp.numStates).toBe(441)
    const legal = mdp.reward.filter((_, row) => mdp.rowStart[row + 1]! > mdp.rowStart[row]!).length
    // A move of m cars lacks them in m of 21 mornings: 21 * 21 * 11 - 2 * 21 * (1 + ... + 5).
    expect(legal).toBe(441 * 11 - 2 * 21 * 15)
  })

  it('has policies that move nothing, or until both have as many', () => {
    const config = carRentalConfig.parse({ ...quiet, start: [6, 1], limitSteps: 2 })
    const play = (name: string) => {
      const env = new CarRental(config)
      const entry = rentalPolicies.find((policy) => policy.name === name)!
      return playEpisode(env, entry.create({ spec: env.spec, envConfig: config }, {}), 'two nights')
    }
    expect(play('move-none')).toEqual({ score: 0, steps: 2, lastState: 6 * 7 + 1 })
    expect(play('balance')).toEqual({ score: -4, steps: 2, lastState: 4 * 7 + 3 })
  })

  it('draws the cars of both locations', () => {
    const view = carRental.policyView!(carRental.schema.parse({}))
    expect(view.panels[0]!.states[1]![2]).toBe(23)
    expect(view.describe(Int32Array.of(0))).toBe('5 to the first')
    expect(view.describe(Int32Array.of(5))).toBe('none')
    expect(view.legend).toHaveLength(11)
  })
})

describe('car-rental config', () => {
  it.each([
    [{ maxCars: 0 }, /1/],
    [{ requests: [3, -1] }, /0/],
    [{ requests: [3] }, /2|expected/],
    [{ start: [21, 0] }, /\[21, 0\] cars, but a location holds 0\.\.20/],
    [{ limitSteps: 0 }, />=1/],
    [{ cars: 20 }, /cars/],
  ])('refuses %j', (config, message) => {
    expect(carRentalConfig.safeParse(config).error?.issues[0]?.message).toMatch(message)
  })
})
