import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../../modules/package-root.js'
import { main } from '../main.js'
import { FakeIo } from '../testing/fake-io.js'
import type { AverageSolution, Solution } from './solution.js'
import type { Comparisons } from './solve-compare.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-timed-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function cadre(...argv: string[]): Promise<{ code: number; io: FakeIo }> {
  const io = new FakeIo()
  return { code: await main(argv, io), io }
}

/**
 * `slow` (0) earns 2 in time 10, `fast` (1) 1.5 in time 1; the episode ends with probability 0.1 a step.
 * @param declared - what `transitions` hands on as the time of a step
 */
function slowOrFast(name: string, declared: string): string {
  const path = join(folder, `${name}.mjs`)
  writeFileSync(
    path,
    `import { Rng } from '${new URL('dist/env/index.js', packageRoot()).href}'
const agent = { name: 'a', observation: { kind: 'box', size: 1, low: 0, high: 1 }, action: { kind: 'discrete', n: 2 }, numObservations: 2 }
const time = [10, 1]
class SlowOrFast {
  spec = { id: 'slow-or-fast', version: '1', agents: [agent], numStates: 2, stateSize: 0, quantities: [],
    score: { aggregate: 'shared', over: 'episode' }, limitSteps: null }
  state = 0
  bind(slot) { this.slot = slot }
  show() {
    const { slot, state } = this
    slot.mask.fill(1); slot.alive.fill(1); slot.observation.fill(state); slot.observationId[0] = state; slot.stateId[0] = state
    slot.terminated[0] = state; slot.truncated[0] = 0
  }
  reset(rng) { this.rng = rng; this.state = 0; this.slot.reward[0] = 0; this.show() }
  step(actions) {
    this.slot.reward[0] = [2, 1.5][actions[0]]; this.slot.elapsed[0] = time[actions[0]]
    this.state = this.rng.uniform() < 0.1 ? 1 : 0
    this.show()
  }
  saveState() { return { state: this.state, rng: [...this.rng.saveState()] } }
  loadState(saved) { this.state = saved.state; this.rng ??= new Rng(''); this.rng.loadState(saved.rng); this.show() }
  startStates(sink) { sink.add(0, 1) }
  showState(state) { this.state = state; this.show() }
  transitions(state, [a], sink) {
    const rewards = [[2, 1.5][a]]
    sink.add(0, 0.9, rewards, false, ${declared})
    sink.add(1, 0.1, rewards, true, ${declared})
  }
}
export default { create: () => new SlowOrFast() }
`,
  )
  return path
}

describe("a user's environment whose steps take time", () => {
  const timed = slowOrFast('timed', 'time[a]')

  it('is solved by its times, whatever the method', async () => {
    for (const method of ['auto', 'value-iteration', 'policy-iteration', 'modified-policy-iteration']) {
      const { code, io } = await cadre(
        'solve',
        timed,
        '--gamma',
        '0.9',
        '--epsilon',
        '1e-9',
        '--method',
        method,
        '--json',
      )
      const { start, policy, value } = io.json<Solution>()
      expect([code, policy, value.length]).toEqual([0, [1, -1], 2])
      expect(start).toBeCloseTo(7.894736842, 8)
    }
  })

  it('compares policies by them', async () => {
    const { io } = await cadre('solve', timed, '--gamma', '0.9', '--compare', 'random', '--json')
    const { comparisons } = io.json<Solution & Comparisons>()
    expect(comparisons[0]!.start).toBeCloseTo(1.75 / (1 - (0.9 ** 11 + 0.9 ** 2) / 2), 6)
  })

  it('has averages per unit of time', async () => {
    const { code, io } = await cadre('solve', timed, '--average')
    // The end is never left, and earns nothing.
    expect([code, io.out]).toEqual([0, expect.stringMatching(/best average reward \S+ a unit of time/)])
    const json = (await cadre('solve', timed, '--average', '--json')).io.json<AverageSolution>()
    expect(Math.abs(json.gain)).toBeLessThan(1e-5)
  })

  it('passes the check, and fails it where the model leaves the times out', async () => {
    const good = await cadre('check', timed)
    expect(good.io.out.split('\n').filter((line) => line.startsWith('FAILED'))).toEqual([])
    expect([good.code, good.io.out]).toEqual([0, expect.stringMatching(/^ok {6}model-elapsed: /m)])
    const bad = await cadre('check', slowOrFast('untimed', '1'))
    expect([bad.code, bad.io.out]).toEqual([
      1,
      expect.stringMatching(
        /^FAILED {2}model-elapsed: .*took time 10, which transitions gives no probability \(it declares 1\)/m,
      ),
    ])
  })
})
