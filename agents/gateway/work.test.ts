import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { GivenClock } from '../testing/given-clock.js'
import { WorkList } from './work.js'

/** A list of works, and responses that end when the test says so. */
function begin() {
  const clock = new GivenClock()
  const works = new WorkList({ concurrentRequests: 2, bodiesBytes: 100 }, 60_000, clock)
  const response = () => Object.assign(new EventEmitter(), { writableFinished: true }) as unknown as ServerResponse
  return { clock, works, response }
}

/** Whether a promise is settled by now. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol('open')
  return (await Promise.race([promise, new Promise((resolve) => setImmediate(resolve, open))])) !== open
}

describe('draining', () => {
  it('ends at once where nothing is in work', async () => {
    const { works } = begin()
    expect(await settled(works.drain(1000))).toBe(true)
    expect(works.refusal).toMatchObject({ status: 503 })
  })

  it('ends with the last response', async () => {
    const { works, response, clock } = begin()
    const [a, b] = [response(), response()]
    works.enter(a)
    const work = works.enter(b)
    const drained = works.drain(1000)
    a.emit('close')
    clock.pass(999)
    expect(await settled(drained)).toBe(false)
    b.emit('close')
    expect(await settled(drained)).toBe(true)
    expect(work.givenUp).toBe(null)
  })

  it('gives up what is in work after its time, and waits one more second for clients that do not read', async () => {
    const { works, response, clock } = begin()
    const work = works.enter(response())
    const drained = works.drain(1000)
    clock.pass(999)
    expect(work.givenUp).toBe(null)
    clock.pass(1)
    expect(work.givenUp).toBe('stopping')
    clock.pass(999)
    expect(await settled(drained)).toBe(false)
    clock.pass(1)
    expect(await settled(drained)).toBe(true)
  })
})

it('a request has its deadline by the given clock', () => {
  const { works, response, clock } = begin()
  const work = works.enter(response())
  clock.pass(59_999)
  expect([work.givenUp, work.remainingMs()]).toEqual([null, 1])
  clock.pass(1)
  expect([work.givenUp, work.remainingMs()]).toEqual(['deadline', 0])
})
