import { expect, it } from 'vitest'
import { toFactoredMdp } from '../mdp/factored-mdp.js'
import { routingDispatchConfig } from './config.js'
import { RoutingDispatch } from './routing-dispatch.js'

it("the dispatcher's digits after an action are those of the afterstate that the model has", () => {
  const config = routingDispatchConfig.parse({ control: 'centralised', encoding: 'one-hot' })
  const env = new RoutingDispatch(config)
  const { digits, observation } = env.spec.agents[0]!
  const { sizes, afterAction, subject } = digits!
  const mdp = toFactoredMdp(new RoutingDispatch(config))
  expect([sizes, subject, observation.size]).toEqual([[7, 8, 6, 6], 0, 27])
  const digitsOf = (state: number) => {
    let rest = state
    return sizes.map((size) => {
      const digit = rest % size
      rest = (rest - digit) / size
      return digit
    })
  }
  for (let state = 0; state < mdp.numStates; state++) {
    for (let row = mdp.stateStart[state]!; row < mdp.stateStart[state + 1]!; row++) {
      const becomes = digitsOf(state).map((digit, g) => afterAction[mdp.action[row]!]![g]?.[digit] ?? digit)
      if (becomes.join() === digitsOf(mdp.successor[mdp.rowStart[row]!]!).join()) continue
      expect(becomes).toEqual(digitsOf(mdp.successor[mdp.rowStart[row]!]!))
    }
  }
  expect(
    new RoutingDispatch(routingDispatchConfig.parse({ encoding: 'one-hot' })).spec.agents[0]!.digits,
  ).toBeUndefined()
})
