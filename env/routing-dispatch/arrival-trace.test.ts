import { describe, expect, it } from 'vitest'
import { Rng } from '../rng.js'
import { allocateSlots } from '../slot.js'
import { readArrivalTrace } from './arrival-trace.js'
import { MissingArrivals, RecordedArrivals } from './arrivals.js'
import { routingDispatchConfig } from './config.js'
import { routingDispatch } from './entry.js'

const read = (text: string, tickMs = 1000) => readArrivalTrace(text, ['A', 'B'], tickMs, 'day.csv')
const messages = (text: string) => {
  try {
    read(text)
  } catch (error) {
    return (error as Error).message.split('\n')
  }
  return []
}

describe('a recording of arrivals', () => {
  it('has each query in its tick, from the first query on', () => {
    const { ticks, start, type } = read('time,type\n500,A\n1499,B\n1500,A\n1500,B\n5600,B\n')
    expect(ticks).toBe(6)
    expect([...start]).toEqual([0, 2, 4, 4, 4, 4, 5])
    expect([...type]).toEqual([0, 1, 0, 1, 1])
    expect([...read('time,type\n500,A\n1499,B\n', 100).start]).toEqual([0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2])
  })

  it('takes columns in any order, further ones, semicolons, quotes and a byte order mark', () => {
    const { type } = read('\uFEFFid;Type;TIME\r\n1;"B";3.5\r\n2;A;2e3\r\n')
    expect([...type]).toEqual([1, 0])
  })

  it.each([
    ['empty', '', ['day.csv:1: empty; expected a header with time and type']],
    ['a header alone', 'time,type\n', ['day.csv:2: no queries; expected a line for each below the header']],
    [
      'no header',
      '0,A\n1,B\n',
      [
        'day.csv:1: no column "time" in the first line (0, A); name it there, as in time,type',
        'day.csv:1: no column "type" in the first line (0, A); name it there, as in time,type',
      ],
    ],
    [
      'times going back',
      'time,type\n5,A\n3,A\n4,A\n',
      ['day.csv:3:1: time: expected at least 5, the time before, got 3; sort the file'],
    ],
    [
      'no numbers',
      'type,time\nA,noon\nA,\nA\n',
      [
        'day.csv:2:3: time: expected milliseconds, got "noon"',
        'day.csv:3:3: time: expected milliseconds, got ""',
        'day.csv:4:1: time: expected milliseconds, got ""',
      ],
    ],
    [
      'unknown types',
      'time,type\n0,A\n1,AB\n',
      ['day.csv:3:3: type: no query type "AB"; there are A, B, did you mean "A"?'],
    ],
    [
      'times before 0',
      'time,type\n-5,A\n-3,A\n0,A\n5000,B\n',
      [
        "day.csv:2:1: time: expected milliseconds from 0 on, got -5; count from the recording's start",
        "day.csv:3:1: time: expected milliseconds from 0 on, got -3; count from the recording's start",
      ],
    ],
    [
      'one query, which would come at every tick',
      'time,type\n7,A\n',
      [
        'day.csv: time: a recording needs a length of at least two ticks of 1000 ms, and all times are 7: played round and round, all would come at every tick; record for longer, or set a shorter tickMs',
      ],
    ],
    [
      'queries of one tick',
      'time,type\n7,A\n9,B\n',
      [
        'day.csv: time: a recording needs a length of at least two ticks of 1000 ms, and 7 to 9 is one tick: played round and round, all would come at every tick; record for longer, or set a shorter tickMs',
      ],
    ],
    [
      'more ticks than memory has room for',
      'time,type\n0,A\n1e12,A\n',
      ['day.csv: time: 1000000001 ticks from the first query to the last, at most 100000000; set a longer tickMs'],
    ],
  ])('refuses %s', (_, text, expected) => {
    expect(messages(text)).toEqual(expected)
  })
})

describe('arrivals as recorded', () => {
  const trace = read('time,type\n0,A\n0,B\n2000,B\n')
  const rng = new Rng('recorded')

  it('come tick by tick, and go on from the first after the last', () => {
    const arrivals = new RecordedArrivals(trace, 'first')
    arrivals.reset(rng)
    const drawn = Array.from({ length: 5 }, () => {
      const out: number[] = []
      return out.slice(0, arrivals.draw(rng, out))
    })
    expect(drawn).toEqual([[0, 1], [], [1], [0, 1], []])
  })

  it('begin at any tick alike, where the start is random', () => {
    const arrivals = new RecordedArrivals(trace, 'random')
    const counts = [0, 0, 0]
    for (let k = 0; k < 3000; k++) {
      arrivals.reset(rng)
      counts[arrivals.place]!++
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(100)
  })

  it('are missed only when something is drawn', () => {
    expect(() => new MissingArrivals('day.csv').draw()).toThrowError(/without the arrivals recorded in "day.csv"/)
    const config = routingDispatchConfig.parse({ arrivals: { kind: 'trace', file: 'day.csv' } })
    const env = routingDispatch.create(config)
    env.bind(allocateSlots(env.spec, 1).rows[0]!)
    env.injectInitial!({ inbox: [], queue: [0, 0, 0], down: [0, 0, 0] })
    env.applyEvents!({ arrivals: [1] })
    env.step(Int32Array.of(0, 0, 0))
    expect(env.saveState()).toMatchObject({ inbox: [{ type: 1, left: 3 }] })
    expect(() => env.reset(rng)).toThrowError(/pass what recording.read of its entry gives/)
  })
})
