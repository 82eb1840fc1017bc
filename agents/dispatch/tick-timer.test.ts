import { expect, it } from 'vitest'
import { GivenClock } from '../testing/given-clock.js'
import { TickTimer } from './tick-timer.js'

/** Since the epoch it is 47 ms more than since the start. */
class LaterClock extends GivenClock {
  override now(): number {
    return this.elapsedMs() + 47
  }
}

function start(tickMs: number) {
  const clock = new LaterClock()
  const boundaries: number[] = []
  const late: number[] = []
  const timer = new TickTimer(clock, tickMs, {
    boundary: () => void boundaries.push(clock.elapsedMs()),
    late: (ms) => void late.push(ms),
  })
  timer.start()
  return { clock, timer, boundaries, late }
}

it('comes at multiples of a tick since the epoch, until it is stopped', () => {
  const { clock, timer, boundaries, late } = start(20)
  clock.pass(60)
  // 60, 80 and 100 ms since the epoch.
  expect(boundaries).toEqual([13, 33, 53])
  timer.stop()
  clock.pass(60)
  expect([boundaries.length, late]).toEqual([3, []])
})

it('comes late and never not at all: every boundary that was missed follows, and those later than half a tick are told', () => {
  const { clock, boundaries, late } = start(20)
  clock.pass(13)
  // Due at 33, 53, 73, 93.
  clock.jump(90)
  clock.pass(0)
  expect(boundaries).toEqual([13, 103, 103, 103, 103])
  expect(late).toEqual([70, 50, 30])
  clock.pass(10)
  expect(boundaries.at(-1)).toBe(113)
  expect(late).toHaveLength(3)
})

it('lets others run after a hundred that were late', () => {
  const { clock, boundaries } = start(20)
  clock.jump(20 * 250)
  const seen: number[] = []
  clock.later(0, () => void seen.push(boundaries.length))
  clock.pass(0)
  expect([seen, boundaries.length]).toEqual([[100], 250])
})
