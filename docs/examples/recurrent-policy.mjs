/** @import { Policy } from 'cadre/env' */

/**
 * A recurrent net of one unit an agent: h <- tanh(0.7 h + x - 0.4), where x is the first number that the agent sees. Its last
 * action is taken while the unit is on, its first one otherwise. The unit has five levels, so that few memories come up and the
 * policy has an exact value.
 * @type {() => Policy}
 */
const create = () => ({
  observes: 'local',
  memory: { size: 1 },
  act({ size, mask, memory, observation, layout: { agents, numActions, observationSize } }, _rng, out) {
    for (let k = 0; k < size * agents; k++) {
      const legal = mask.subarray(k * numActions, (k + 1) * numActions)
      out[k] = 0
      if (!legal.includes(1)) continue
      memory[k] = Math.round(2 * Math.tanh(0.7 * memory[k] + observation[k * observationSize] - 0.4)) / 2
      out[k] = memory[k] > 0 ? legal.lastIndexOf(1) : legal.indexOf(1)
    }
  },
})

export default { name: 'recurrent', create }
