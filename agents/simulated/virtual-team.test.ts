import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { readArrivalTrace } from '#env/routing-dispatch/arrival-trace.js'
import { routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { DispatchCore } from '../dispatch/dispatch-core.js'
import { VirtualTeam } from './virtual-team.js'

/** Ticks of 10 ms: A; nothing; B and A; B. */
const recorded = 'time,type\n5,A\n25,B\n30,A\n38,B\n'
const byTick = [[0], [], [1, 0], [1]]

/** A team whose agents claim nothing and never fail: what arrives is all that happens. */
function begin(start: 'first' | 'random', seed: string) {
  const config = routingDispatchConfig.parse({
    ...{ inbox: 9, patience: 2, tickMs: 10, limitSteps: null },
    arrivals: { kind: 'trace', file: 'recorded.csv', start },
  })
  const arrived: number[] = []
  const policy = { observes: 'local', act: (_: unknown, __: unknown, out: Int32Array) => void out.fill(0) } as const
  const core = new DispatchCore(config, policy, {
    seed,
    listener: { arrived: (_, type) => void arrived.push(type) },
  })
  const make = (text?: string) =>
    new VirtualTeam(
      ...([config, core, new Rng(seed)] as const),
      text === undefined ? undefined : readArrivalTrace(text, ['A', 'B'], 10),
    )
  return { make, arrived }
}

/** Types by tick. */
function play(team: VirtualTeam, arrived: number[], ticks: number): number[][] {
  return Array.from({ length: ticks }, () => {
    team.tick()
    return arrived.splice(0)
  })
}

describe('recorded arrivals', () => {
  it('come tick by tick as they were recorded, round and round, and from the first at a restart', () => {
    const { make, arrived } = begin('first', 'one')
    const team = make(recorded)
    expect(play(team, arrived, 10)).toEqual([...byTick, ...byTick, ...byTick.slice(0, 2)])
    team.restart()
    expect(play(team, arrived, 4)).toEqual(byTick)
  })

  it('begin at any tick where the settings say so, drawn anew at a restart', () => {
    const { make, arrived } = begin('random', 'two')
    const team = make(recorded)
    const turns = byTick.map((_, k) => JSON.stringify([...byTick.slice(k), ...byTick.slice(0, k)]))
    const begun = new Set<number>()
    for (let k = 0; k < 40; k++) {
      begun.add(turns.indexOf(JSON.stringify(play(team, arrived, 4))))
      team.restart()
    }
    expect([...begun].sort()).toEqual([0, 1, 2, 3])
  })

  it('are needed where the settings name them', () => {
    expect(() => begin('first', 'three').make()).toThrow(/arrivals recorded in "recorded.csv"/)
  })
})
