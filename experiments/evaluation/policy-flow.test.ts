import { describe, expect, it } from 'vitest'
import { defaultPlanner } from '#algorithms/planning/default-planner.js'
import { ModelError, UsageError } from '#env/errors.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import type { Policy } from '#env/policy.js'
import { routingPipelineConfig } from '#env/routing-pipeline/config.js'
import { routingPipeline } from '#env/routing-pipeline/entry.js'
import { withoutRare } from '#results/model/flow-chart.js'
import { chancesOf, flowCharts, policyFlow } from './policy-flow.js'

const config = routingPipelineConfig.parse({})
const env = routingPipeline.create(config)
const model = toJointMdp(env)
const flow = routingPipeline.policyFlow!(config)
const scripted = (name: string) => {
  const entry = routingPipeline.policies!.find((one) => one.name === name)!
  return entry.create({ spec: env.spec, envConfig: config }, {})
}
const chartOf = (policy: Policy, name = 'p') => policyFlow(flow, model, chancesOf(model, policy, name), name)
const ends = (chart: ReturnType<typeof chartOf>) =>
  Object.fromEntries(
    chart.boxes.filter(({ kind }) => kind === 'ends').map((box) => [[box.title, ...box.notes].join(' '), box.share]),
  )

describe('the flow of questions under a policy', () => {
  it('the cheapest chain: as many come by each box as by the products of its tables', () => {
    const chart = chartOf(scripted('cheapest'))
    const passed = (shares: readonly number[], rows: readonly (readonly number[])[]) =>
      [0, 1, 2].map((to) => shares.reduce((sum, share, g) => sum + share * rows[g]![to]!, 0))
    const tableOf = (stage: number) => config.stages[stage]!.agents[0]!.outcome as number[][]
    const understood = passed(config.entry, tableOf(0))
    const retrieved = passed(understood, tableOf(1))
    const written = passed(retrieved, tableOf(2))
    const shares = (title: string) =>
      chart.boxes.filter((box) => box.title === title).map(({ notes, share }) => [notes[0], share])
    const byName = (values: readonly number[]) =>
      ['low', 'middle', 'high'].map((name, g) => [`comes in ${name}`, values[g]])
    const near = (found: unknown[][], wanted: unknown[][]) => {
      const sorted = (list: unknown[][]) => [...list].sort((a, b) => String(a[0]).localeCompare(String(b[0])))
      expect(sorted(found).map(([note]) => note)).toEqual(sorted(wanted).map(([note]) => note))
      sorted(found).forEach(([, share], k) => {
        expect(share).toBeCloseTo(sorted(wanted)[k]![1] as number, 12)
      })
    }
    near(shares('rules'), [
      ['looks hard', 0.3],
      ['looks middling', 0.4],
      ['looks easy', 0.3],
    ])
    near(shares('keywords'), byName(understood))
    near(shares('extract'), byName(retrieved))
    near(shares('none'), byName(written))
    const end = ends(chart)
    expect(Object.keys(end).sort()).toEqual([
      'answer high: right 92%',
      'answer low: right 15%',
      'answer middle: right 55%',
    ])
    expect(end['answer high: right 92%']).toBeCloseTo(written[2]!, 12)
    expect(end['answer low: right 15%']).toBeCloseTo(written[0]!, 12)
  })

  it('what flows into a box flows out of it again, and every question ends', () => {
    for (const name of ['cascade-keeping', 'dearest']) {
      const { boxes, arrows } = chartOf(scripted(name))
      boxes.forEach(({ kind, share }, b) => {
        const into = arrows.filter(({ to }) => to === b).reduce((sum, arrow) => sum + arrow.share, 0)
        const out = arrows.filter(({ from }) => from === b).reduce((sum, arrow) => sum + arrow.share, 0)
        expect(into).toBeCloseTo(share, 10)
        if (kind === 'acts') expect(out).toBeCloseTo(share, 10)
      })
      expect(boxes.reduce((sum, box) => sum + (box.kind === 'ends' ? box.share : 0), 0)).toBeCloseTo(1, 10)
    }
  })

  it('the optimum asks where a question looks hard, hands over 26.6% and is worth what the planner says', () => {
    const plan = defaultPlanner.plan(model, { discount: 1, epsilon: 1e-9 })
    const solved = { value: plan.value, policy: plan.policy, discount: 1 }
    const setting = { entry: routingPipeline, config: config as never, spec: env.spec }
    const named = { name: 'hand-over', kind: 'entry' as const, policy: scripted('hand-over') }
    const [best, other] = flowCharts(setting, model, solved, [named])
    const asked = best!.chart.boxes.filter(({ title }) => title === 'ask back')
    expect(asked.map(({ notes, share }) => [notes, share])).toEqual([[['looks hard'], 0.3]])
    const end = ends(best!.chart)
    expect(end['a person']).toBeCloseTo(0.266, 3)
    const right = 0.92 * end['answer high: right 92%']! + 0.55 * end['answer middle: right 55%']!
    // The rest of V* is what calls, asking and time cost.
    expect(10 * right + 4 * end['a person']!).toBeGreaterThan(6.2154)
    expect(best!.worth).toBe('V*(start) = 6.215.')
    expect(other!.worth).toBe('V(start) = 4.000.')
    expect(ends(other!.chart)).toEqual({ 'a person': 1 })
  })

  it('a policy that draws sends shares of the questions each way', () => {
    const half: Policy = {
      observes: 'local',
      act: () => {},
      probabilities({ size, mask }, out) {
        for (let row = 0; row < size; row++) {
          for (let a = 0; a < 6; a++) out[row * 6 + a] = 0
          // Half call the first agent, or accept; half hand over.
          const first = mask[row * 6 + 3] === 1 ? 3 : 0
          out[row * 6 + first] = 0.5
          out[row * 6 + 5] = 0.5
        }
      },
    }
    expect(ends(chartOf(half))['a person']).toBeGreaterThan(0.5 + 0.25)
  })

  it('refuses a policy that remembers, and episodes that go on for ever', () => {
    const remembers = { ...scripted('cheapest'), observes: 'local', act: () => {}, memory: {} } as unknown as Policy
    expect(() => chancesOf(model, remembers, 'mine')).toThrow(UsageError)
    const loop = { ...model, successor: Int32Array.from(model.successor, (_, k) => model.successor[k]!) }
    // Every call leads back to the start.
    const start = model.start.findIndex((share) => share > 0)
    loop.successor.fill(start)
    expect(() => policyFlow(flow, loop, (_, each) => each(0, 1), 'round')).toThrow(ModelError)
  })
})

describe('without what is rare', () => {
  it('rare boxes of a phase become one, with the sums of their arrows', () => {
    const box = (phase: number, share: number, title = 'a') => ({
      kind: 'acts' as const,
      phase,
      title,
      notes: [],
      share,
    })
    const chart = {
      episodes: 'questions',
      policy: 'p',
      phases: ['one', 'two'],
      boxes: [box(0, 0.99), box(0, 0.004, 'b'), box(0, 0.006, 'c'), box(1, 1)],
      arrows: [
        { from: null, to: 0, share: 0.99 },
        { from: null, to: 1, share: 0.004 },
        { from: 1, to: 2, share: 0.003 },
        { from: null, to: 2, share: 0.003 },
        { from: 1, to: 3, share: 0.001 },
        { from: 2, to: 3, share: 0.006 },
      ],
    }
    const { boxes, arrows } = withoutRare(chart, 0.01)
    expect(boxes.map(({ title, notes, share }) => [title, notes, share])).toEqual([
      ['a', [], 0.99],
      ['rare', ['2 other situations'], 0.01],
      ['a', [], 1],
    ])
    expect(arrows).toEqual([
      { from: null, to: 0, share: 0.99 },
      { from: null, to: 1, share: 0.007 },
      { from: 1, to: 2, share: 0.007 },
    ])
    expect(withoutRare(chart, 0)).toEqual(chart)
  })
})
