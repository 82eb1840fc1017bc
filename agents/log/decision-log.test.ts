import { describe, expect, it } from 'vitest'
import { GivenClock } from '../testing/given-clock.js'
import { DecisionLog, type LineSink } from './decision-log.js'
import type { DecisionFields, OutcomeFields } from './log-kinds.js'

/** A log on a clock that is given, whose disk takes lines or not, as it is told. */
function begin() {
  const told: string[] = []
  const lines: { kind: string; request?: string; count?: number }[] = []
  const state = { full: false, gone: false }
  const sink: LineSink = {
    append: (line) => {
      if (state.full || state.gone) throw new Error('ENOSPC')
      lines.push(JSON.parse(line))
    },
    check: () => {
      if (state.gone) throw new Error('deleted')
    },
    close: () => undefined,
  }
  const tell = (level: string) => (fields: object, message: string) =>
    void told.push(`${level} ${message} ${JSON.stringify(fields)}`)
  const logger = { info: tell('info'), warn: tell('warn'), error: tell('error') }
  const clock = new GivenClock()
  const log = new DecisionLog(sink, logger, clock)
  let count = 0
  /** One request, and whether the disk has room for its line. */
  const append = (full: boolean) => {
    state.full = full
    return log.write('decision', { request: String(++count) } as DecisionFields)
  }
  return { log, told, lines, state, append, clock }
}

const failed = 'error decisions are not logged; requests are still answered {"cause":"ENOSPC"}'

describe('a disk that takes one line and not the next', () => {
  it('is told once, and once more when it has been well for five seconds', () => {
    const { log, told, lines, append, clock } = begin()
    for (let k = 0; k < 20; k++) {
      append(k % 2 === 0)
      clock.pass(50)
      expect(log.ok).toBe(false)
    }
    expect(told).toEqual([failed])
    // Every gap has its line.
    expect(lines.filter(({ kind, count }) => kind === 'gap' && count === 1)).toHaveLength(10)
    expect(lines.filter(({ kind }) => kind === 'decision')).toHaveLength(10)
    expect(log.lost).toBe(10)
    // The last one failed at 900 ms.
    clock.passTo(5899)
    append(false)
    expect([log.ok, told.length]).toEqual([false, 1])
    clock.passTo(5900)
    expect(log.ok).toBe(true)
    expect(told).toEqual([failed, 'warn decisions are logged again {"lost":10}'])
    append(true)
    expect([log.ok, told.length, told[2]]).toEqual([false, 3, failed])
  })

  it('says how many lines of which kinds are missing, and when', () => {
    const { log, lines, append, clock } = begin()
    const at = (ms: number) => new Date(ms).toISOString()
    expect(append(false)).toBe(true)
    for (let k = 0; k < 3; k++) {
      clock.pass(100)
      expect(append(true)).toBe(false)
    }
    expect(log.write('outcome', { request: '2' } as OutcomeFields)).toBe(false)
    clock.pass(700)
    append(false)
    const head = { format: 'cadre-log/2' }
    expect(lines).toEqual([
      { ...head, kind: 'decision', time: at(0), request: '1' },
      {
        ...{ ...head, kind: 'gap', time: at(1000), what: 'unwritten', count: 4, from: at(100), to: at(300) },
        kinds: { decision: 3, outcome: 1 },
      },
      { ...head, kind: 'decision', time: at(1000), request: '5' },
    ])
    expect(JSON.stringify(lines[0])).toMatch(/^\{"format":"cadre-log\/2","kind":"decision",/)
  })

  it('is well again without another request, its gap in the log', () => {
    const { log, told, lines, state, append, clock } = begin()
    append(true)
    state.full = false
    clock.passTo(5000)
    expect(log.ok).toBe(true)
    expect([lines.length, told.length]).toEqual([1, 2])
  })

  it('is not well for being left alone', () => {
    const { log, told, append, clock } = begin()
    append(true)
    clock.passTo(60_000)
    expect([log.ok, told.length]).toEqual([false, 1])
  })
})

it('a log that is gone is no log, before any request comes', () => {
  const { log, told, state, clock } = begin()
  expect(log.ok).toBe(true)
  state.gone = true
  expect([log.ok, log.ok, told.length]).toEqual([false, false, 1])
  state.gone = false
  clock.passTo(4999)
  expect(log.ok).toBe(false)
  clock.passTo(5000)
  expect(log.ok).toBe(true)
  expect(told).toEqual([
    'error decisions are not logged; requests are still answered {"cause":"deleted"}',
    'warn decisions are logged again {"lost":0}',
  ])
})
