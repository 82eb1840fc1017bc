import { describe, expect, it } from 'vitest'
import { roundRobinPolicy } from '#algorithms/baselines/round-robin.js'
import { jointActionQ } from '#algorithms/tabular/joint-action-q.js'
import { contextFor, makeLearner, trainFor } from '#algorithms/testing/make-learner.js'
import { encodeRows } from '#env/encoding/encoder.js'
import type { Policy, PolicyBatch } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { STOP } from '#env/routing-cascade/config.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import type { Slot } from '#env/slot.js'
import { type EnvSpec, layoutOf } from '#env/spec.js'
import { VectorEnv } from '#env/vector-env.js'
import { sentences, textPolicy } from '../testing/text-policy.js'
import { Controller } from './controller.js'

const make = (settings: object = { control: 'centralised' }) =>
  routingDispatch.create(routingDispatch.schema.parse(settings))

/** Trains a little, so that the policy prefers something. */
function trained() {
  const env = new VectorEnv(() => make(), 4, 'control')
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

describe('Controller', () => {
  const { policy, spec } = trained()
  const session = () => new Controller(policy, spec).begin('request')

  it('does what the policy does, and ranks what else could be done', () => {
    // Type B just arrived, queues empty, all up: everything is legal.
    const { actions, candidates, propensities } = session().decide(watching(6))
    expect(candidates).toHaveLength(4)
    expect(candidates[0]!.action).toBe(actions[0])
    expect(candidates.map(({ score }) => score)).toEqual(
      [...candidates.map(({ score }) => score)].sort((a, b) => b - a),
    )
    expect([...propensities]).toEqual([0, 1, 2, 3].map((action) => Number(action === actions[0])))
  })

  it('never offers an agent that is full or down', () => {
    // Type B with agent 1 down: digit 3 of agent 1, place 7 * 8.
    const { candidates } = session().decide(watching(6 + 7 * 8 * 3))
    expect(candidates.map(({ action }) => action).sort()).toEqual([0, 1, 3])
  })

  it('explores as often as its propensities say', () => {
    const controller = new Controller(policy, spec, undefined, { epsilon: 0.4 })
    const observe = watching(6 + 7 * 8 * 3)
    const best = session().decide(observe).actions[0]!
    const count = [0, 0, 0, 0]
    for (let k = 0; k < 4000; k++) {
      const { actions, propensities } = controller.begin(`request ${k}`).decide(observe)
      count[actions[0]!]!++
      propensities.forEach((chance, a) => {
        expect(chance).toBeCloseTo(a === 2 ? 0 : 0.4 / 3 + (a === best ? 0.6 : 0), 12)
      })
    }
    // Standard error of a share over 4,000 draws: at most .008.
    count.forEach((times, a) => {
      expect(Math.abs(times / 4000 - (a === 2 ? 0 : 0.4 / 3 + (a === best ? 0.6 : 0)))).toBeLessThan(0.032)
    })
  })

  it('draws a session by its id: the same id the same again', () => {
    const controller = new Controller(policy, spec, undefined, { epsilon: 1 })
    const draws = (id: string) => {
      const again = controller.begin(id)
      return Array.from({ length: 20 }, () => again.decide(watching(6)).actions[0]).join()
    }
    expect(draws('a')).toBe(draws('a'))
    expect(draws('a')).not.toBe(draws('b'))
  })

  it('starts each decision from a blank slot: nothing of another request is left', () => {
    let seen: number[] = []
    const team = make({}).spec
    const peeking: Policy = {
      observes: 'local',
      act: ({ observation, stateId }, _rng, out) => {
        seen = [...observation, ...stateId]
        out.fill(0)
      },
    }
    const controller = new Controller(peeking, team)
    controller.begin('one').decide((slot) => {
      slot.mask.fill(1)
      slot.observation.fill(0.5)
      slot.stateId[0] = 7
    })
    expect(seen).toContain(7)
    controller.begin('other').decide((slot) => void slot.mask.fill(1))
    expect(new Set(seen)).toEqual(new Set([0, -1]))
  })

  it('lets agents be away: action 0, no candidates, no chances', () => {
    const team = make({}).spec
    const { actions, propensities } = new Controller(roundRobinPolicy(team), team).begin('x').decide((slot) => {
      slot.mask.fill(1)
      slot.alive[0] = 0
    })
    expect([...actions]).toEqual([0, 1, 0])
    expect([...propensities]).toEqual([0, 0, 0, 1, 1, 0])
  })

  it.each([-1, 1])('lets a policy write what it likes for agents that are away: %i becomes 0', (away) => {
    const careless: Policy = {
      observes: 'local',
      act({ mask, layout: { numActions } }, _, out) {
        for (let i = 0; i < out.length; i++) {
          const first = mask.subarray(i * numActions, (i + 1) * numActions).indexOf(1)
          out[i] = first < 0 ? away : first
        }
      },
      probabilities({ mask, layout: { numActions } }, out) {
        for (let i = 0; i * numActions < mask.length; i++) {
          const first = mask.subarray(i * numActions, (i + 1) * numActions).indexOf(1)
          out[i * numActions + Math.max(0, first)] = 1
        }
      },
    }
    const env = make({})
    const { numActions } = layoutOf(env.spec)
    const decision = new Controller(careless, env.spec).begin('away').decide((slot) => {
      env.bind(slot)
      env.showState!(0)
      slot.alive[1] = 0
    })
    expect(decision.actions[1]).toBe(0)
    expect([...decision.propensities.subarray(numActions, 2 * numActions)]).toEqual(new Array(numActions).fill(0))
  })

  it('refuses what it cannot decide on, or nobody could learn from', () => {
    expect(() => session().decide((slot) => slot.mask.fill(0))).toThrowError(/agent "dispatcher" has no legal action/)
    const text = textPolicy(['small', 'large'])
    expect(() => new Controller(text.policy, text.spec)).toThrowError(/reads \d+ features, and there is no encoder/)
    expect(
      () =>
        new Controller(
          text.policy,
          { ...text.spec, agents: [{ ...text.spec.agents[0]!, numFeatures: 3 }] },
          text.encoder,
        ),
    ).toThrowError(
      expect.objectContaining({
        code: 'ERR_BUNDLE',
        message: expect.stringMatching(/gives \d+ columns, the policy reads 3/),
      }),
    )
    const reading = new Controller(text.policy, text.spec, text.encoder).begin('x')
    expect(() => reading.decide((slot) => void slot.mask.fill(1))).toThrowError(/reads texts, and got none/)
    const secret: Policy = { observes: 'local', act: (_, rng, out) => void out.fill(rng.integer(2)) }
    expect(() => new Controller(secret, spec).begin('x').decide(watching(6))).toThrowError(/no `probabilities`/)
    expect(() => new Controller(policy, spec, undefined, { epsilon: 1.5 })).toThrowError(/epsilon in \[0, 1\], got 1.5/)
  })
})

describe('a session', () => {
  const team: EnvSpec = make({}).spec
  const all = (slot: Slot) => void slot.mask.fill(1)

  it('carries what the policy remembers; sessions that take turns keep apart', () => {
    const controller = new Controller(roundRobinPolicy(team), team)
    const [one, other] = [controller.begin('one'), controller.begin('other')]
    const turns = [one, one, other, one, other, one].map((session) => session.decide(all).actions.indexOf(1))
    expect(turns).toEqual([0, 1, 0, 2, 1, 0])
  })

  it('has the propensities of a policy that draws and remembers, and draws by them', () => {
    // The first time both alike, then 3 to 1 for claiming.
    const warming: Policy = {
      observes: 'local',
      memory: { size: 1 },
      act(batch, rng, out) {
        for (let k = 0; k < out.length; k++) {
          out[k] = rng.categorical(batch.memory![k] === 0 ? [0.5, 0.5] : [0.25, 0.75])
          batch.memory![k] = 1
        }
      },
      probabilities(batch, out) {
        batch.memory!.forEach((warm, k) => {
          out.set(warm === 0 ? [0.5, 0.5] : [0.25, 0.75], 2 * k)
        })
      },
    }
    const controller = new Controller(warming, team, undefined, { epsilon: 0.2 })
    let claims = 0
    for (let k = 0; k < 3000; k++) {
      const session = controller.begin(`${k}`)
      expect(session.decide(all).propensities[0]).toBeCloseTo(0.5, 12)
      const { actions, propensities } = session.decide(all)
      expect(propensities[1]).toBeCloseTo(0.8 * 0.75 + 0.1, 12)
      claims += actions[0]!
    }
    // Standard error of the share: .0084.
    expect(Math.abs(claims / 3000 - 0.7)).toBeLessThan(0.034)
  })

  it('walks a cascade, several decisions a request, as it was walked offline, bit for bit', () => {
    const models = ['small', 'medium', 'large']
    const { policy, spec, encoder } = textPolicy([...models, STOP])
    const controller = new Controller(policy, spec, encoder)
    const layout = layoutOf(spec)
    const decisions = new Set<number>()
    for (const text of sentences(60, 'cascade')) {
      const session = controller.begin(text)
      const mask = Uint8Array.of(1, 1, 1, 0)
      const observation = new Float32Array(layout.observationSize)
      for (let calls = 0; calls < 3; calls++) {
        const live = session.decide((slot) => {
          slot.mask.set(mask)
          slot.observation.set(observation)
        }, text)
        const offline: PolicyBatch = {
          layout,
          size: 1,
          observation,
          mask,
          observationId: Int32Array.of(-1),
          stateId: Int32Array.of(-1),
          state: new Float32Array(0),
          features: encodeRows(encoder, [{ text }]),
          featureRow: Int32Array.of(0),
        }
        const [action, scores] = [new Int32Array(1), new Float64Array(4)]
        policy.act(offline, new Rng('offline'), action)
        policy.scores(offline, scores)
        expect(live.actions).toEqual(action)
        for (const { action, score } of live.candidates) expect(score).toBe(scores[action])
        decisions.add(live.actions[0]!)
        if (live.actions[0] === 3) break
        // Called, its check passed, and one more call made.
        mask[live.actions[0]!] = 0
        mask[3] = 1
        observation[live.actions[0]!] = 1
        observation[4 + live.actions[0]!] = 1
        observation[8] = (calls + 1) / 3
      }
    }
    expect(decisions.size).toBeGreaterThan(2)
  })
})
