import { describe, expect, it } from 'vitest'
import { qValues } from '#algorithms/planning/q-values.js'
import { valueIteration } from '#algorithms/planning/value-iteration.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import { instances, routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { RoutingDispatch } from '#env/routing-dispatch/routing-dispatch.js'
import { stateIndex } from '#env/routing-dispatch/state-index.js'

const discount = 0.97
const parse = (settings: object) => routingDispatchConfig.parse(settings)

function solved(settings: object) {
  const model = toJointMdp(new RoutingDispatch(parse(settings)))
  return { model, ...valueIteration(model, { discount, epsilon: 1e-9 }) }
}

const { types } = instances['three-agents']
const later = types.map((type) => ({ ...type, priority: type.name === 'B' ? 1 : 0 }))

// Two separately written solvers agree on these.
describe('V*(start) with more places in the inbox', () => {
  it.each([
    ['two places', { inbox: 2 }, 75.46446748],
    ['three places', { inbox: 3 }, 76.83932313],
    ['two places, type B before type A', { inbox: 2, types: later }, 76.18289883],
  ])('%s', (_, settings, expected) => {
    expect(solved(settings).value[0]).toBeCloseTo(expected, 6)
  })

  it("has the reference's Q* of two queries and of one", () => {
    const { model, value } = solved({ inbox: 2 })
    const q = qValues(model, value, discount)
    const { inbox } = stateIndex(parse({ inbox: 2 }))
    const jointOf = (mask: number) => (mask & 1) * 4 + ((mask >> 1) & 1) * 2 + ((mask >> 2) & 1)
    const rowOf = (type: number[], left: number[]) =>
      model.stateIds.indexOf(inbox!.numberOf(type.length, Int32Array.from(type), Int32Array.from(left)))
    const ofMasks = (row: number) => Array.from({ length: 8 }, (_, mask) => q[row * 8 + jointOf(mask)]!)
    const expectClose = (found: number[], expected: number[]) =>
      expected.forEach((one, mask) => {
        expect(found[mask], `mask ${mask}`).toBeCloseTo(one, 6)
      })
    expectClose(
      ofMasks(rowOf([0, 1], [2, 3])),
      [78.13633475, 82.21313135, 77.25613646, 78.7346339, 80.67031097, 80.44172116, 77.96322371, 78.04652626],
    )
    expectClose(
      ofMasks(rowOf([1], [3])),
      [80.27798351, 76.64065359, 81.96506161, 78.3028576, 80.30865756, 77.47465558, 80.13685958, 77.63812425],
    )
  })
})
