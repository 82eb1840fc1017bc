import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { planners } from '#algorithms/planning/planners.js'
import type { FailureDocument } from '../failure.js'
import { main } from '../main.js'
import { FakeIo } from '../testing/fake-io.js'
import type { AverageSolution, Solution } from './solution.js'
import { methods } from './solve.js'

async function cadre(...argv: string[]): Promise<{ code: number; io: FakeIo }> {
  const io = new FakeIo()
  return { code: await main(argv, io), io }
}

/** From state 0 chance leads to 1, which pays 3 for ever, or to 2, which pays 1. */
const crossroads = `
const pays = [0, 3, 1]
export default {
  name: 'crossroads',
  create: () => ({
    spec: {
      id: 'crossroads', version: '1', numStates: 3, stateSize: 0, quantities: [], limitSteps: 10,
      agents: [{ name: 'traveller', observation: { kind: 'box', size: 1, low: 0, high: 2 }, action: { kind: 'discrete', n: 1 }, numObservations: 3 }],
      score: { aggregate: 'shared', over: 'episode' },
    },
    bind(slot) { this.slot = slot },
    showState(state) {
      this.slot.mask[0] = 1
      this.slot.alive[0] = 1
      this.slot.stateId[0] = state
      this.slot.observationId[0] = state
    },
    startStates(sink) { sink.add(0, 1) },
    transitions(state, actions, sink) {
      if (state > 0) return sink.add(state, 1, [pays[state]], false)
      sink.add(1, 0.5, [0], false)
      sink.add(2, 0.5, [0], false)
    },
    reset() { this.state = 0; this.showState(0) },
    step() {},
    saveState: () => ({}),
    loadState() {},
  }),
}
`

const lake = ['solve', 'frozen-lake', '--json']

describe('cadre solve', () => {
  it('offers the planners that ship', () => {
    expect(methods).toEqual(planners.map(({ name }) => name))
  })

  it.each(['value-iteration', 'policy-iteration', 'modified-policy-iteration'])(
    'solves frozen-lake by %s',
    async (method) => {
      // 0.5420259320: shared known answers, frozenlake_4x4_slippery at 0.99.
      const { code, io } = await cadre(...lake, '--gamma', '0.99', '--epsilon', '1e-9', '--method', method)
      const solution = io.json<Solution>()
      expect([code, solution.method, solution.reason]).toEqual([0, method, null])
      expect(solution.start).toBeCloseTo(0.542025932, 9)
    },
  )

  it('shares sweeps among threads where that method is named, with the same answer', async () => {
    const named = [...lake, '--gamma', '0.99', '--method', 'modified-policy-iteration']
    const one = (await cadre(...named)).io.json<Solution>()
    const two = (await cadre(...named, '--threads', '2')).io.json<Solution>()
    expect(two.bounds).toEqual(one.bounds)
    const refused = await cadre(...lake, '--gamma', '0.99', '--threads', '2')
    expect(refused.code).toBe(2)
    expect(refused.io.json<FailureDocument>().error.message).toMatch(/--threads share sweeps .*name that method/)
  })

  it('says which method it chose and why, in JSON and in words', async () => {
    const { method, reason } = (await cadre(...lake, '--gamma', '0.9')).io.json<Solution>()
    expect([method, reason]).toEqual(['modified-policy-iteration', expect.stringContaining('fewest sweeps')])
    const { io } = await cadre('solve', 'two-step', '--gamma', '1')
    expect(io.out).toMatch(/^two-step, gamma 1: V\*\(start\) = 8\.0000/)
    expect(io.out).toContain('method: backward-induction (no state can be reached again')
  })

  it('solves problems that end at discount 1, whose best chance is 14 / 17', async () => {
    const { start, method, bounds } = (await cadre(...lake, '--gamma', '1')).io.json<Solution>()
    expect(method).toBe('stochastic-shortest-path')
    expect(start).toBeCloseTo(14 / 17, 6)
    expect(bounds.lower[0]).toBeLessThanOrEqual(14 / 17)
    expect(bounds.upper[0]).toBeGreaterThanOrEqual(14 / 17)
  })

  it('solves a finite horizon and says what to do at each step', async () => {
    const { start, value, policy, schedule } = (
      await cadre(...lake, '--gamma', '1', '--horizon', '100')
    ).io.json<Solution>()
    expect(start).toBeCloseTo(0.74419029, 8)
    expect([schedule!.value.length, schedule!.policy.length]).toEqual([101, 100])
    expect([value, policy]).toEqual([schedule!.value[0], schedule!.policy[0]])
    expect((await cadre('solve', 'frozen-lake', '--gamma', '1', '--horizon', '100')).io.out).toMatch(/100 steps: V/)
  })

  it('finds the best average', async () => {
    const { code, io } = await cadre('solve', 'gridworld', '--average', '--json')
    // Figure 3.2's grid without end: from A the way back takes 5 steps for 10.
    expect(code).toBe(0)
    const { gain, gains } = io.json<AverageSolution>()
    expect(gain).toBeCloseTo(2, 6)
    expect(gains).toEqual(new Array(25).fill(gain))
    expect((await cadre('solve', 'gridworld', '--average')).io.out).toMatch(
      /^gridworld: best average reward (2\.0000|1\.99999)/,
    )
  })

  it('finds the best average where every way ends: nothing is earned in the long run', async () => {
    const { code, io } = await cadre('solve', 'frozen-lake', '--average', '--json')
    const { gain, bounds, method } = io.json<AverageSolution>()
    expect([code, gain, method]).toEqual([0, 0, 'multichain'])
    expect([bounds.lower <= 0, bounds.upper >= 0]).toEqual([true, true])
    expect((await cadre('solve', 'frozen-lake', '--average')).io.out).not.toContain('differs between states')
  })

  it('says where the best average differs between states, and what it is', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'cadre-solve-')), 'crossroads.mjs')
    writeFileSync(file, crossroads)
    const { gain, gains, policy } = (await cadre('solve', file, '--average', '--json')).io.json<AverageSolution>()
    expect([gain, gains]).toEqual([expect.closeTo(2, 6), [2, 3, 1].map((g) => expect.closeTo(g, 6))])
    expect(policy).toEqual([0, 0, 0])
    expect((await cadre('solve', file, '--average')).io.out).toMatch(
      /best average reward 2\.0000\d* a step from the start, within .*\nit differs between states: 3\.0000\d from state 1, 2\.0000\d from state 0, 1\.0000\d from state 2\n/,
    )
  })
})
