import { discounts } from '#env/transition-batch.js'
import { VectorEnv } from '#env/vector-env.js'
import { KnownWorld, type WorldTable } from '../../conformance/known-world.js'
import { StepLog } from '../replay/step-log.js'

/** A log of what one agent does in a world of a few states, and what goes on filling it. */
export function logged(world: WorldTable, { rows = 1, capacity = 100, gamma = 0.9 } = {}) {
  const env = new VectorEnv(() => new KnownWorld(world), rows, 'logged')
  const log = new StepLog(
    {
      rows,
      agents: [0],
      observationSize: world.states,
      numActions: world.numActions,
      stateSize: world.states,
      streams: 1,
    },
    capacity,
  )
  const discount = new Float64Array(rows)
  env.reset()
  const step = (action = 0) => {
    const transition = env.step(new Int32Array(rows).fill(action))
    log.add(transition, transition.reward, discounts(transition, gamma, discount))
  }
  return { log, step, env }
}
