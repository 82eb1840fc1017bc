import { expect, it } from 'vitest'
import type { Policy } from '#env/policy.js'
import { routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { QUEUED, WAITED } from '#env/routing-dispatch/quantities.js'
import { GivenClock } from '../testing/given-clock.js'
import { DispatchCore, type DispatchListener } from './dispatch-core.js'
import { EventTime } from './event-time.js'

const passing: Policy = { observes: 'local', act: (_, __, out) => void out.fill(0) }

/** A team whose agents claim nothing, begun so many ms after the clock. */
function start(settings: object = {}, listener: DispatchListener = {}, beganAt = 0) {
  const clock = new GivenClock()
  clock.pass(beganAt)
  const config = routingDispatchConfig.parse({ tickMs: 20, patience: 3, ...settings })
  const core = new DispatchCore(config, passing, { seed: 'events', decide: 'events', listener })
  const time = new EventTime({
    ...{ core, clock },
    before: () => {},
    after: () => {},
    due: () => Number.POSITIVE_INFINITY,
  })
  return { clock, core, time }
}

it('pays for all time until it stops, and for none after it', () => {
  const paid: number[] = []
  const { clock, core, time } = start({}, { stepped: () => void paid.push(core.state.quantities[WAITED]!) })
  core.arrive(0, 1)
  time.happened()
  clock.pass(5)
  time.stop()
  expect([core.state.now, paid.at(-1)]).toEqual([5, 0.25])
  clock.pass(100)
  time.happened()
  expect([core.state.now, core.state.waiting]).toEqual([5, 1])
})

it('has what happens during a moment in the next one, at the same time', () => {
  const seen: string[] = []
  const listener: DispatchListener = {
    arrived: (ticket) => {
      seen.push(`${ticket} begins`)
      if (ticket === 1) {
        core.arrive(1, 2)
        time.happened()
      }
      seen.push(`${ticket} ends`)
    },
    stepped: () => void seen.push('paid'),
  }
  const { clock, core, time } = start({ inbox: 3 }, listener)
  clock.pass(7)
  core.arrive(0, 1)
  time.happened()
  // Both are there, and nothing lies in something else.
  expect(seen.filter((one) => one !== 'paid')).toEqual(['1 begins', '1 ends', '2 begins', '2 ends'])
  expect([core.state.now, core.state.waiting]).toEqual([7, 2])
})

it('loses what is out of patience at its time, however odd ticks and beginnings are', () => {
  for (const tickMs of [1.0001, 3.3, 20, 1000 / 7]) {
    for (const beganAt of [0, 0.3, 12_345.678_901]) {
      const lost: number[] = []
      const { clock, core, time } = start({ tickMs }, { lost: () => void lost.push(clock.elapsedMs()) }, beganAt)
      core.arrive(0, 1)
      time.happened()
      clock.pass(2.99 * tickMs)
      expect([lost, core.state.left[0]]).toEqual([[], 1])
      clock.pass(tickMs)
      expect(lost).toHaveLength(1)
      expect(lost[0]).toBeCloseTo(beganAt + 3 * tickMs, 6)
      expect(core.state.quantities[QUEUED]).toBe(0)
    }
  }
})
