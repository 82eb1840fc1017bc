import { describe, expect, it } from 'vitest'
import { GivenClock } from '../testing/given-clock.js'
import { profileSchema, type SimulatedAgentProfile } from './profile-schema.js'
import { SimulatedAgent } from './simulated-agent.js'

type Settings = Partial<SimulatedAgentProfile>

const tickMs = 20

function begin(settings: Settings, clock: GivenClock = new GivenClock(), seed = 's') {
  const [profile] = profileSchema.parse({ agents: [{ name: 'a', ...settings }] }).agents
  const agent = new SimulatedAgent(profile!, { clock, tickMs, origin: 0 }, seed)
  const answers: [at: number, good: boolean][] = []
  const take = (type = 0) => agent.take(type, (good) => void answers.push([clock.elapsedMs(), good]))
  return { agent, clock, answers, take }
}

describe('a simulated agent', () => {
  it('answers k - 1/2 ticks after it began, one query after the other, each half a tick after the one before', () => {
    const { agent, clock, answers, take } = begin({ service: 1 })
    for (let k = 0; k < 3; k++) take()
    expect(agent.queue).toBe(3)
    clock.pass(15)
    expect([answers, agent.queue]).toEqual([[[10, true]], 2])
    clock.pass(100)
    expect([answers.map(([at]) => at), agent.queue]).toEqual([[10, 30, 50], 0])
    // Idle by now: work begins at once.
    take()
    clock.pass(100)
    expect(answers[3]![0]).toBe(125)
  })

  it('takes as many ticks as its chance says', () => {
    const { clock, answers, take } = begin({ service: 0.25 })
    const n = 20_000
    for (let k = 0; k < n; k++) take()
    while (answers.length < n) clock.pass(1e6)
    const ticks = answers.map(([at], k) => (at - (answers[k - 1]?.[0] ?? -tickMs / 2)) / tickMs)
    for (const one of ticks.slice(0, 500)) expect(Number.isInteger(one) && one >= 1).toBe(true)
    // Geometric: mean 4, variance 12.
    const mean = ticks.reduce((sum, one) => sum + one, 0) / n
    expect(Math.abs(mean - 4)).toBeLessThan(2.58 * Math.sqrt(12 / n))
    const ones = ticks.filter((one) => one === 1).length / n
    expect(Math.abs(ones - 0.25)).toBeLessThan(2.58 * Math.sqrt((0.25 * 0.75) / n))
  })

  it('keeps the quantiles of its latency', () => {
    const { clock, answers, take } = begin({
      service: {
        quantiles: [
          [0.5, 200],
          [0.9, 400],
        ],
      },
    })
    const n = 10_000
    for (let k = 0; k < n; k++) take()
    while (answers.length < n) clock.pass(1e6)
    const ms = answers.map(([at], k) => at - (answers[k - 1]?.[0] ?? -tickMs / 2))
    for (const [share, within] of [
      [0.5, 200],
      [0.9, 400],
    ] as const) {
      const seen = ms.filter((one) => one <= within).length / n
      expect(Math.abs(seen - share)).toBeLessThan(2.58 * Math.sqrt((share * (1 - share)) / n))
    }
  })

  it('is good as often as its skill in the type says', () => {
    const profile = profileSchema.parse({ types: ['A', 'B'], agents: [{ name: 'a', service: 1, skill: [0.7, 0.2] }] })
    const clock = new GivenClock()
    const agent = new SimulatedAgent(profile.agents[0]!, { clock, tickMs, origin: 0 }, 's')
    const good = [0, 0]
    const n = 5000
    for (let k = 0; k < 2 * n; k++) {
      agent.take(k % 2, (yes) => {
        good[k % 2]! += Number(yes)
      })
    }
    clock.pass(2 * n * tickMs)
    for (const [type, skill] of [0.7, 0.2].entries()) {
      expect(Math.abs(good[type]! / n - skill)).toBeLessThan(2.58 * Math.sqrt((skill * (1 - skill)) / n))
    }
  })

  it('goes down and comes up as often as its chances say, at three quarters of a tick', () => {
    const { agent, clock } = begin({ fail: 0.05, repair: 0.15 })
    agent.start()
    const n = 100_000
    let up = 0
    let falls = 0
    let before = true
    for (let k = 0; k < n; k++) {
      clock.passTo(k * tickMs + 14.99)
      expect(agent.up).toBe(before)
      clock.passTo(k * tickMs + 15)
      falls += Number(before && !agent.up)
      before = agent.up
      up += Number(before)
    }
    expect(up / n).toBeCloseTo(0.75, 1)
    // Of the ticks that it is up: the chance to go down.
    expect(Math.abs(falls / up - 0.05)).toBeLessThan(2.58 * Math.sqrt((0.05 * 0.95) / up))
  })

  it('rests while it is down, and goes on after repair with what was left', () => {
    const { agent, clock, answers, take } = begin({ service: 1 })
    take()
    take()
    clock.pass(15)
    agent.force(false)
    expect([agent.up, answers.length]).toEqual([false, 1])
    clock.pass(1000)
    expect(answers).toHaveLength(1)
    take()
    agent.force(true)
    // 5 ms of rest were left, then half a tick of work; at 1015.
    clock.pass(14)
    expect(answers).toHaveLength(1)
    clock.pass(1)
    expect(answers[1]![0]).toBe(1030)
    clock.pass(100)
    expect(answers[2]![0]).toBe(1050)
  })

  it('begins what comes while it is down after its repair', () => {
    const { agent, clock, answers, take } = begin({ service: 1 })
    agent.force(false)
    clock.pass(100)
    take()
    clock.pass(100)
    agent.force(null)
    clock.pass(10)
    expect(answers).toEqual([[210, true]])
  })

  it('does not run late when its timers do', () => {
    /** Timers come 3 ms late, as on a busy machine. */
    class LateClock extends GivenClock {
      override later(ms: number, call: () => void): () => void {
        return super.later(ms + 3, call)
      }
    }
    const { clock, answers, take } = begin({ service: 1 }, new LateClock())
    for (let k = 0; k < 100; k++) take()
    clock.pass(100 * tickMs + 10)
    expect(answers.map(([at]) => at)).toEqual(Array.from({ length: 100 }, (_, k) => k * tickMs + 10 + 3))
  })

  it('takes a query back, in service or waiting', () => {
    const { agent, clock, answers, take } = begin({ service: 1 })
    const first = take()
    take()
    const third = take()
    third()
    clock.pass(5)
    first()
    expect(agent.queue).toBe(1)
    clock.pass(100)
    expect(answers).toEqual([[15, true]])
    first()
    third()
  })

  it('draws the same from the same seed, and each of its draws apart', () => {
    const times = (settings: Settings, seed: string) => {
      const { agent, clock, answers, take } = begin(settings, new GivenClock(), seed)
      agent.start()
      for (let k = 0; k < 50; k++) take()
      clock.pass(1e5)
      return answers
    }
    const settings: Settings = { service: 0.3, skill: [0.5], fail: 0.1, repair: 0.2 }
    expect(times(settings, 'x')).toEqual(times(settings, 'x'))
    expect(times(settings, 'x')).not.toEqual(times(settings, 'y'))
    const steady = times({ ...settings, fail: 0 }, 'x').map(([, good]) => good)
    expect(times(settings, 'x').map(([, good]) => good)).toEqual(steady)
  })

  it('stops', () => {
    const { agent, clock, answers, take } = begin({ service: 1, fail: 0.5, repair: 0.5 })
    agent.start()
    take()
    agent.stop()
    clock.pass(1e4)
    expect(answers).toEqual([])
  })
})

describe('profileSchema', () => {
  const refusals = (more: object) =>
    (profileSchema.safeParse({ agents: [{ name: 'a' }], ...more }).error?.issues ?? []).map(
      ({ path, message }) => `${path.join('.')}: ${message}`,
    )

  it.each([
    [{ agents: [{ name: 'a' }, { name: 'a' }] }, 'agents.1.name: "a" names two agents; names must differ'],
    [{ types: ['A', 'A'] }, 'types.1: "A" names two query types; names must differ'],
    [
      { types: ['A', 'B'], agents: [{ name: 'a', skill: [1] }] },
      'agents.0.skill: expected 2 skills, one a query type (A, B), got 1',
    ],
    [
      {
        agents: [
          {
            name: 'a',
            service: {
              quantiles: [
                [0.5, 20],
                [0.4, 30],
              ],
            },
          },
        ],
      },
      'agents.0.service.quantiles.1: expected a larger share and time than before it; both rise',
    ],
    [
      { agents: [{ name: 'a', service: { quantiles: [[0, 20]] } }] },
      'agents.0.service.quantiles: expected a share above 0, such as [[0.5, 800]], got 0 alone',
    ],
    [{ agents: [{ name: 'a', fail: 2 }] }, 'agents.0.fail: Too big: expected number to be <=1'],
  ])('%#: tells what is wrong, and where', (more, message) => {
    expect(refusals(more)).toEqual([message])
  })
})
