import { describe, expect, it } from 'vitest'
import { jointActionQ } from '#algorithms/tabular/joint-action-q.js'
import { contextFor, makeLearner, trainFor } from '#algorithms/testing/make-learner.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import type { Slot } from '#env/slot.js'
import { VectorEnv } from '#env/vector-env.js'
import { ControlAgent } from './control-agent.js'

const make = () => routingDispatch.create(routingDispatch.schema.parse({ control: 'centralised' }))

/** Trains a little, so that the policy prefers something. */
function trained() {
  const env = new VectorEnv(make, 4, 'control')
  const context = { ...contextFor(env), discount: 0.97, totalSteps: 40_000 }
  const learner = makeLearner(jointActionQ, context)
  env.reset()
  trainFor(env, learner, 10_000)
  return { policy: learner.policy(), spec: env.spec }
}

/** A live team in a given state: what watches it writes the same slot that the environment writes. */
const watching = (state: number) => (slot: Slot) => {
  const team = make()
  team.bind(slot)
  team.showState!(state)
}

describe('ControlAgent', () => {
  const { policy, spec } = trained()
  const control = new ControlAgent(policy, spec)

  it('does what the policy does, and ranks what else could be done', () => {
    // Type B just arrived, queues empty, all up: everything is legal.
    const { actions, candidates } = control.decide(watching(6))
    expect(candidates).toHaveLength(4)
    expect(candidates[0]!.action).toBe(actions[0])
    expect(candidates.map(({ score }) => score)).toEqual(
      [...candidates.map(({ score }) => score)].sort((a, b) => b - a),
    )
  })

  it('never offers an agent that is full or down', () => {
    // Type B with agent 1 down: digit 3 of agent 1, place 7 * 8.
    const { candidates } = control.decide(watching(6 + 7 * 8 * 3))
    expect(candidates.map(({ action }) => action).sort()).toEqual([0, 1, 3])
  })

  it('refuses a view without a legal action', () => {
    expect(() => control.decide((slot) => slot.mask.fill(0))).toThrowError(/agent "dispatcher" has no legal action/)
  })
})
