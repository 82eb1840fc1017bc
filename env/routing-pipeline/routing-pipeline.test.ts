import { describe, expect, it } from 'vitest'
import { IllegalActionError, StateError } from '../errors.js'
import { Rng } from '../rng.js'
import { allocateSlots } from '../slot.js'
import { envConformance } from '../testing/env-conformance.js'
import { type RoutingPipelineConfig, routingPipelineConfig } from './config.js'
import { defaultStages } from './default-instance.js'
import { ENDED, FAILED_CALLS, HANDED_OVER, LATENCY, QUALITY, quantityNames, WAITED } from './quantities.js'
import { RoutingPipeline } from './routing-pipeline.js'

const make = (settings: object = {}) => new RoutingPipeline(routingPipelineConfig.parse(settings))

const sure = (grade: number) => [0, 1, 2].map(() => [0, 1, 2].map((g) => (g === grade ? 1 : 0)))
const answered = (...after: string[]) => ({ after })

/** One stage of two writers, the second of which can make the grade fall. */
const joint = {
  maxCallsPerStage: 2,
  maxCalls: 3,
  ask: null,
  stages: [
    {
      name: 'write',
      agents: [
        {
          name: 'span',
          price: 0.1,
          failure: 0.2,
          timeoutS: 2,
          outcome: [
            { ...answered(), grades: sure(2) },
            { ...answered('model'), grades: sure(0) },
          ],
        },
        {
          name: 'model',
          price: 0.3,
          outcome: [
            { ...answered(), grades: sure(1) },
            { ...answered('span'), grades: sure(0) },
          ],
        },
      ],
    },
  ],
  success: [
    { ...answered('span'), success: [0.1, 0.2, 0.3] },
    { ...answered('model'), success: [0.4, 0.5, 0.6] },
    { ...answered('model', 'span'), success: [0.7, 0.8, 0.9] },
  ],
}

const repeating = {
  stages: defaultStages.map(({ name, agents }) => ({
    name,
    agents: agents.map((agent, m) => ({ ...agent, repeat: m === 0 ? 'same' : 'again' })),
  })),
}

describe('routing-pipeline', () => {
  envConformance(() => make())
})

describe('routing-pipeline whose programs repeat themselves', () => {
  envConformance(() => make(repeating))
})

describe('routing-pipeline of one stage whose grades depend on who has answered', () => {
  envConformance(() => make(joint))
})

describe('routing-pipeline of two grades, five calls and no question back', () => {
  const two = [
    [0.5, 0.5],
    [0.2, 0.8],
  ]
  const stage = (name: string) => ({ name, agents: [{ name: 'only', price: 1, failure: 0.5, outcome: two }] })
  const config = { stages: [stage('a'), stage('b'), stage('c')], entry: [0.5, 0.5], success: [0.1, 0.9], ask: null }
  envConformance(() => make({ ...config, maxCalls: 5, maxCallsPerStage: 3 }))
})

describe('rules of routing-pipeline', () => {
  const play = (settings: object, actions: number[]) => {
    const env = make(settings)
    const buffers = allocateSlots(env.spec, 1)
    const slot = buffers.rows[0]!
    env.bind(slot)
    env.reset(new Rng('rules'))
    const steps = actions.map((action) => {
      env.step(Int32Array.of(action))
      return { reward: slot.reward[0]!, q: [...slot.quantities], state: slot.stateId[0]!, mask: [...slot.mask] }
    })
    return { env, slot, steps }
  }

  it('pays price and time of a call, waits for the timeout of one that fails, and tells the time of all at the end', () => {
    const fails = {
      stages: [{ name: 's', agents: [{ name: 'x', price: 3, failure: 1, timeoutS: 4, outcome: sure(2) }] }],
    }
    const { steps } = play(fails, [0, 0, 3])
    expect(steps.map(({ reward }) => reward)).toEqual([-1.6, -1.6, 4])
    expect(steps[0]!.q[FAILED_CALLS]).toBe(1)
    expect(steps[0]!.q[LATENCY]).toBe(4000)
    expect(steps[2]!.q[WAITED]).toBe(8000)
    expect([steps[2]!.q[HANDED_OVER], steps[2]!.q[ENDED], steps[2]!.q[QUALITY]]).toEqual([1, 1, 0])
    // After the second failed call only a person is left.
    expect(steps[1]!.mask).toEqual([0, 0, 0, 1])
  })

  it('keeps the best grade of a stage, and the newest where answers are judged together', () => {
    const lower = {
      stages: [
        {
          name: 's',
          agents: [
            { name: 'good', price: 0, outcome: sure(2) },
            { name: 'bad', price: 0, outcome: sure(0) },
          ],
        },
      ],
      success: [0, 0, 1],
    }
    expect(play(lower, [0, 1, 2]).steps[2]!.reward).toBe(10)
    const { env, steps } = play(
      { ...joint, success: joint.success.map((row) => ({ ...row, success: [0, 1, 1] })) },
      [1, 0, 2],
    )
    expect(steps[1]!.q[FAILED_CALLS]).toBe(0)
    expect(steps[2]!.q[QUALITY]).toBe(0)
    expect(env.rules.remembered).toBe(2)
  })

  it('forbids a second call of an agent that has answered where it would say the same, not of one that failed', () => {
    const { steps } = play(repeating, [0, 3])
    expect(steps[0]!.mask.slice(0, 3)).toEqual([0, 1, 0])
    expect(steps[1]!.mask.slice(0, 3)).toEqual([1, 1, 0])
    const fails = {
      ...joint,
      stages: [{ ...joint.stages[0]!, agents: joint.stages[0]!.agents.map((one) => ({ ...one, failure: 1 })) }],
    }
    expect(play(fails, [0]).steps[0]!.mask).toEqual([1, 1, 0, 0, 1])
  })

  it('asks once, before anything else, and draws the grade anew', () => {
    const settings = { ask: { price: 0.5, outcome: sure(2) } }
    const { env, steps } = play(settings, [4, 0])
    expect(steps[0]!.reward).toBe(-0.5)
    const progress = { stage: 0, grade: 2, best: -1, calls: 0, asked: 1, left: 6, answered: 0 }
    expect(steps[0]!.state).toBe(env.rules.numberOf(progress))
    expect(steps[0]!.mask[4]).toBe(0)
    const { env: other } = play({ ask: null }, [])
    expect(other.rules.mayAsk({ ...progress, asked: 0 })).toBe(false)
  })

  it('numbers each state once and reads it back', () => {
    const { rules, spec } = make(repeating)
    const progress = { stage: 0, grade: 0, best: 0, calls: 0, asked: 0, left: 0, answered: 0 }
    for (let state = 0; state < spec.numStates; state++) {
      rules.read(state, progress)
      expect(rules.numberOf(progress)).toBe(state)
    }
  })

  it('refuses illegal actions and states of another configuration', () => {
    expect(() => play({}, [3])).toThrow(IllegalActionError)
    expect(() => play({}, [5, 0])).toThrow(/"rules\/keywords\/extract\/none" is illegal after the end/)
    const { env } = play({}, [])
    expect(() => env.loadState({ ...env.saveState(), state: 2016 })).toThrow(StateError)
  })

  it('has a reward of its own where the config gives one', () => {
    const { steps } = play({ reward: '-asked * askPrice * 3 + handOver * handedOver * 2' }, [4, 5])
    expect(steps.map(({ reward }) => reward)).toEqual([-1.5, 8])
    expect(quantityNames).toHaveLength(8)
  })
})

describe('routing-pipeline config', () => {
  const stages = defaultStages as RoutingPipelineConfig['stages']
  const change = (agent: object) => ({
    stages: [
      { ...stages[0]!, agents: [{ ...stages[0]!.agents[0]!, ...agent }, stages[0]!.agents[1]!] },
      ...stages.slice(1),
    ],
  })
  it.each([
    [{ entry: [0.5, 0.6] }, 'entry', /sum to 1\.1, expected 1/],
    [{ success: [0.1, 0.2] }, 'success', /expected 3 probabilities, one for each grade, got 2/],
    [change({ outcome: [[1, 0, 0]] }), 'stages.0.agents.0.outcome', /expected 3 rows/],
    [
      change({
        outcome: [
          [1, 0, 0],
          [1, 0, 0],
          [0.5, 0.4, 0],
        ],
      }),
      'stages.0.agents.0.outcome.2',
      /sum to 0\.9/,
    ],
    [
      change({
        outcome: [
          [1, 0, 0],
          [1, 0, 0],
          [1, 0],
        ],
      }),
      'stages.0.agents.0.outcome.2',
      /got 2/,
    ],
    [change({ outcome: [{ after: [], grades: sure(0) }] }), 'stages.0.agents.1.outcome', /got both/],
    [change({ name: 'small' }), 'stages.0.agents.1.name', /"small" is there twice/],
    [{ grades: ['bad', 'good'] }, 'grades', /expected 3 names/],
    [{ ask: { price: 1, outcome: [[1, 0, 0]] } }, 'ask.outcome', /expected 3 rows/],
    [{ ...joint, success: joint.success.slice(0, 2) }, 'success', /no row for when span and model answered/],
    [
      { ...joint, success: [...joint.success, { after: ['writer'], success: [0, 0, 1] }] },
      'success.3.after',
      /"writer" is not an agent of stage "write", which has span, model/,
    ],
    [
      {
        ...joint,
        stages: [
          {
            name: 'write',
            agents: [
              { ...joint.stages[0]!.agents[0]!, outcome: joint.stages[0]!.agents[0]!.outcome.slice(0, 1) },
              joint.stages[0]!.agents[1]!,
            ],
          },
        ],
      },
      'stages.0.agents.0.outcome',
      /no table for when model answered before/,
    ],
    [{ success: joint.success }, 'success', /last stage, "check", has one table an agent/],
    [{ maxCalls: 0 }, 'maxCalls', />=1/],
    [change({ price: -1 }), 'stages.0.agents.0.price', />=0/],
    [change({ failure: 1.5 }), 'stages.0.agents.0.failure', /<=1/],
    [{ stages: [] }, 'stages', />=1/],
  ])('refuses %#', (settings, path, message) => {
    const { issues } = routingPipelineConfig.safeParse(settings).error!
    expect(issues.map((issue) => issue.path.join('.'))).toContain(path)
    expect(issues.find((issue) => issue.path.join('.') === path)!.message).toMatch(message)
  })
})
