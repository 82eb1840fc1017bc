import fc from 'fast-check'
import { expect, it } from 'vitest'
import { random } from '#algorithms/baselines/random.js'
import { plannedPolicy } from '#algorithms/planning/planned-policy.js'
import { qValues } from '#algorithms/planning/q-values.js'
import { valueIteration } from '#algorithms/planning/value-iteration.js'
import { BundleError, IllegalActionError, NotEnumerableError, ShapeError } from '#env/errors.js'
import { garnet } from '#env/garnet/entry.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import type { Policy } from '#env/policy.js'
import { RegretMeter } from './policy-regret.js'

const discount = 0.9
const instances = fc.record({ states: fc.integer({ min: 3, max: 12 }), seed: fc.nat(1000), salt: fc.nat(1000) })

it('measures 0 for the best policy, 100% for acting at random, and no more at the start than in the worst state', () => {
  fc.assert(
    fc.property(instances, ({ states, seed, salt }) => {
      const env = garnet.create(garnet.schema.parse({ states, seed, actions: 3, branching: 2 }))
      const mdp = toJointMdp(env)
      const { value } = valueIteration(mdp, { discount, epsilon: 1e-9 })
      const start = mdp.start.reduce((sum, p, s) => sum + p * value[s]!, 0)
      const uniform = random.create({ spec: env.spec, envConfig: {} }, {})
      const meter = new RegretMeter(mdp, discount, { value, start }, uniform)

      const best = meter.measure('best', plannedPolicy(mdp, env.spec, qValues(mdp, value, discount)))
      expect(best.worst.loss).toBeLessThan(1e-7)
      expect(best.regret).toBeLessThan(1e-7)
      expect(meter.measure('random', uniform).normalised ?? 1).toBe(1)

      const scripted: Policy = {
        observes: 'global',
        act: ({ stateId }, _rng, out) => {
          for (let k = 0; k < out.length; k++) out[k] = (salt * stateId[k]! + salt) % 3
        },
      }
      const { value: own, regret, worst } = meter.measure('scripted', scripted)
      expect(regret).toBeGreaterThanOrEqual(0)
      expect(regret).toBeLessThanOrEqual(worst.loss)
      expect(worst.loss).toBeCloseTo(Math.max(...own.map((v, s) => value[s]! - v)), 9)
    }),
    { numRuns: 50 },
  )
})

it('names the policy that has no exact value', () => {
  const env = garnet.create(garnet.schema.parse({ states: 3 }))
  const mdp = toJointMdp(env)
  const uniform = random.create({ spec: env.spec, envConfig: {} }, {})
  const meter = new RegretMeter(mdp, discount, { value: new Float64Array(3), start: 0 }, uniform)
  const secret: Policy = { observes: 'local', act: (_, rng, out) => void out.fill(rng.integer(2)) }
  expect(() => meter.measure('mine', secret)).toThrow(/^policy mine: evaluatePolicy: the policy draws random numbers/)
})

it('names the policy whatever fails, and keeps the kind of failure', () => {
  const env = garnet.create(garnet.schema.parse({ states: 3 }))
  const mdp = toJointMdp(env)
  const uniform = random.create({ spec: env.spec, envConfig: {} }, {})
  const meter = new RegretMeter(mdp, discount, { value: new Float64Array(3), start: 0 }, uniform)
  const failing = (error: Error): Policy => ({
    observes: 'local',
    act: () => {
      throw error
    },
  })
  const failureOf = (policy: Policy): unknown => {
    try {
      return meter.measure('mine', policy)
    } catch (error) {
      return error
    }
  }
  const tooMany = failureOf(failing(new NotEnumerableError('too many pairs')))
  expect(tooMany).toBeInstanceOf(NotEnumerableError)
  expect((tooMany as Error).message).toBe(
    'policy mine: too many pairs; `cadre train` and `cadre bench` with `method: auto` sample it',
  )
  for (const error of [new ShapeError('too short'), new BundleError('altered'), new IllegalActionError('no')]) {
    const { constructor: kind, code } = error
    const named = failureOf(failing(error))
    expect(named).toBeInstanceOf(kind)
    expect(named).toMatchObject({
      code,
      message: expect.stringMatching(/^policy mine: (too short|altered|no)$/) as string,
    })
  }
  const foreign = new Error('of their own')
  expect(failureOf(failing(foreign))).toBe(foreign)
  expect(foreign.message).toBe('of their own')
})
