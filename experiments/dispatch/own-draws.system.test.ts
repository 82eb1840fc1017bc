import { describe, expect, it } from 'vitest'
import { DispatchCore } from '#agents/dispatch/dispatch-core.js'
import { VirtualTeam } from '#agents/simulated/virtual-team.js'
import type { LearnerEntry } from '#algorithms/learner.js'
import { plannedPolicy } from '#algorithms/planning/planned-policy.js'
import { evaluatePolicy } from '#algorithms/planning/policy-evaluation.js'
import { qValues } from '#algorithms/planning/q-values.js'
import { valueIteration } from '#algorithms/planning/value-iteration.js'
import { independentQ } from '#algorithms/tabular/independent-q.js'
import { jointActionQ } from '#algorithms/tabular/joint-action-q.js'
import { contextFor, makeLearner, trainFor } from '#algorithms/testing/make-learner.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import type { Policy } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { type RoutingDispatchConfig, routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { VectorEnv } from '#env/vector-env.js'

const discount = 0.97
const EPISODES = 20_000
const TICKS = 400

const full = routingDispatchConfig.parse({})
const withMessages = routingDispatchConfig.parse({ observation: 'local-with-message' })
const model = (config: RoutingDispatchConfig) => toJointMdp(routingDispatch.create(config))

function optimum(): Policy {
  const mdp = model(full)
  const { value } = valueIteration(mdp, { discount, epsilon: 1e-9 })
  return plannedPolicy(mdp, routingDispatch.create(full).spec, qValues(mdp, value, discount))
}

function learned(entry: LearnerEntry, config: RoutingDispatchConfig): Policy {
  const env = new VectorEnv(() => routingDispatch.create(config), 16, 'live')
  const steps = 400_000
  const learningRate = { kind: 'geometric', from: 0.3, to: 0.01 }
  const learner = makeLearner(entry, { ...contextFor(env), discount, totalSteps: steps }, { learningRate })
  env.reset()
  trainFor(env, learner, steps / env.size)
  return learner.policy()
}

function rule(): Policy {
  const entry = routingDispatch.policies!.find(({ name }) => name === 'margin-minus-delay')!
  return entry.create({ spec: routingDispatch.create(full).spec, envConfig: full }, {})
}

interface Played {
  readonly mean: number
  /** Standard error of the mean. */
  readonly error: number
}

/** Discounted reward of episodes that a team plays in virtual time, led by the dispatcher. */
function play(config: RoutingDispatchConfig, policy: Policy, seed: string): Played {
  let factor = 1
  let total = 0
  const core: DispatchCore = new DispatchCore(config, policy, {
    seed,
    listener: {
      quality: (_, agent, type) => team.quality(agent, type),
      stepped: (reward) => {
        total += factor * reward
        factor *= discount
      },
    },
  })
  const team = new VirtualTeam(config, core, new Rng(`${seed}/world`))
  let sum = 0
  let squares = 0
  for (let episode = 0; episode < EPISODES; episode++) {
    team.restart()
    total = 0
    factor = 1
    for (let t = 0; t < TICKS; t++) team.tick()
    sum += total
    squares += total * total
  }
  const mean = sum / EPISODES
  return { mean, error: Math.sqrt((squares / EPISODES - mean * mean) / (EPISODES - 1)) }
}

// What is left out after 400 ticks counts .97^400 = 5e-6 of a value.
describe('what a live team earns in virtual time is what the model predicts', () => {
  it.each([
    ['the optimum', full, optimum],
    ['joint-action-q', full, () => learned(jointActionQ, full)],
    ['independent-q with messages', withMessages, () => learned(independentQ, withMessages)],
    ['margin-minus-delay', full, rule],
  ] as const)('%s, 20,000 episodes of 400 ticks', (_, config, make) => {
    const policy = make()
    const exact = evaluatePolicy(model(config), policy, { discount }).start
    const { mean, error } = play(config, policy, 'parity two')
    expect(error).toBeLessThan(0.2)
    expect(Math.abs(mean - exact)).toBeLessThan(2.58 * error)
  })
})
