import { expect, it } from 'vitest'
import { DecisionLog } from '../log/decision-log.js'
import { GivenClock } from '../testing/given-clock.js'
import { MemorySink } from '../testing/memory-sink.js'
import { LateTicks } from './late-ticks.js'

/** Whose time of day is set anew now and then. */
class SetClock extends GivenClock {
  ahead = 1e12

  override now(): number {
    return this.ahead + this.elapsedMs()
  }
}

it('tells of late ticks a second after the first of them, whatever the time of day is set to meanwhile', () => {
  const clock = new SetClock()
  const sink = new MemorySink()
  const logger = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const late = new LateTicks(new DecisionLog(sink, logger, clock), clock)
  const told = () => sink.reading.records.map(({ fields }) => fields)
  late.late(30.04)
  late.late(12)
  clock.pass(999)
  late.tell()
  expect(told()).toEqual([])
  clock.ahead -= 3_600_000
  clock.pass(1)
  late.tell()
  const at = (ms: number) => new Date(ms).toISOString()
  expect(told()).toEqual([{ what: 'late', count: 2, from: at(1e12 - 30.04), to: at(1e12), ms: 30 }])
  clock.ahead += 7_200_000
  late.late(5)
  late.tell()
  expect([told().length, late.count]).toEqual([1, 3])
  late.tell(true)
  expect(told()[1]).toMatchObject({ count: 1, ms: 5 })
})
