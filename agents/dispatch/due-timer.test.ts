import { expect, it } from 'vitest'
import { GivenClock } from '../testing/given-clock.js'
import { DueTimer } from './due-timer.js'

function start(clock = new GivenClock()) {
  const calls: number[] = []
  const timer = new DueTimer(clock, () => void calls.push(clock.elapsedMs()))
  return { clock, timer, calls }
}

it('calls once, at the time that was set last', () => {
  const { clock, timer, calls } = start()
  timer.set(50)
  timer.set(30)
  timer.set(30)
  clock.pass(100)
  expect(calls).toEqual([30])
  timer.set(40)
  clock.pass(0)
  expect(calls).toEqual([30, 100])
  timer.set(120)
  timer.set(Number.POSITIVE_INFINITY)
  clock.pass(100)
  expect(calls).toEqual([30, 100])
})

/** Calls back a little early, as machines do. */
class EarlyClock extends GivenClock {
  override later(ms: number, call: () => void): () => void {
    return super.later(ms > 1 ? ms - 0.5 : ms, call)
  }
}

it('never calls before its time', () => {
  const { clock, timer, calls } = start(new EarlyClock())
  timer.set(20)
  clock.pass(100)
  expect(calls).toEqual([20])
})
