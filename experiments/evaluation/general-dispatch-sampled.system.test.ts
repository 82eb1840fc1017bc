import { describe, expect, it } from 'vitest'
import { PolicyEvaluator } from '#algorithms/planning/policy-evaluation.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import { instances, routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { sampleEpisodes } from './sampled-evaluation.js'

const discount = 0.9
/** Episodes long enough that what comes after counts for less than 1e-7 of a reward. */
const limitSteps = 160
const rule = routingDispatch.policies!.find(({ name }) => name === 'margin-minus-delay')!
const { agents } = instances['three-agents']

function policyOf(settings: object) {
  const config = routingDispatchConfig.parse({ limitSteps, ...settings })
  return { config, policy: rule.create({ spec: routingDispatch.create(config).spec, envConfig: config }, {}) }
}

/** Mean discounted return and its standard error. */
function sampled(settings: object, episodes: number) {
  const { config, policy } = policyOf(settings)
  const make = () => routingDispatch.create(config)
  const { score } = sampleEpisodes(make, policy, { episodes, discount, seed: 'general', rows: 16 })
  const mean = score.reduce((a, b) => a + b, 0) / episodes
  const variance = score.reduce((a, b) => a + (b - mean) ** 2, 0) / (episodes - 1)
  return { mean, error: Math.sqrt(variance / episodes) }
}

describe('what a rule is worth', () => {
  it.each([
    ['poisson arrivals', { arrivals: { kind: 'poisson' } }],
    ['two places, poisson arrivals, two types', { inbox: 2, arrivals: { kind: 'poisson' } }],
    ['one quantile of latency', { agents: agents.map((one) => ({ ...one, service: { quantiles: [[0.5, 2000]] } })) }],
  ])('exactly, agrees with simulation: %s', (_, settings) => {
    const { config, policy } = policyOf(settings)
    const exact = new PolicyEvaluator(toJointMdp(routingDispatch.create(config)), discount).evaluate(policy).start
    const { mean, error } = sampled(settings, 4000)
    expect(error).toBeLessThan(0.3)
    expect(Math.abs(mean - exact)).toBeLessThan(3.5 * error)
  })

  it('changes with giveBack as it must: value for bad agents is taken back, waiting for repair is saved', () => {
    const shaky = (fail: number, repair: number) => ({ agents: agents.map((one) => ({ ...one, fail, repair })) })
    // Credited at the claim, lost at the failure: keep is worth more, as its answers still come.
    const [kept, given] = [{}, { onDown: 'giveBack' }].map((one) => sampled({ ...shaky(0.3, 0.5), ...one }, 2000))
    expect(kept!.mean - given!.mean).toBeGreaterThan(5 * Math.hypot(kept!.error, given!.error))
    // Nobody fails: the same, draw for draw.
    const [a, b] = [{}, { onDown: 'giveBack' }].map((one) => sampled({ ...shaky(0, 1), ...one }, 200))
    expect(b!.mean).toBe(a!.mean)
    // Down almost for ever, where a full queue costs at every tick: giving back is worth more.
    const dead = {
      hold: 4,
      agents: agents.map((one) => ({ ...one, fail: 0.05, repair: 0.001, price: 0, skill: [0, 0] })),
    }
    const [stays, leaves] = [{}, { onDown: 'giveBack' }].map((one) => sampled({ ...dead, ...one }, 500))
    expect(leaves!.mean - stays!.mean).toBeGreaterThan(5 * Math.hypot(leaves!.error, stays!.error))
  })
})
