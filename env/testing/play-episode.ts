import type { Env } from '../env.js'
import type { Policy } from '../policy.js'
import { withMemory } from '../policy-memory.js'
import { Rng } from '../rng.js'
import { allocateSlots } from '../slot.js'

/** One episode of a single-agent environment under a policy: its return and its steps, at most `maxSteps`. */
export function playEpisode(env: Env, policy: Policy, seed: string, maxSteps = 10_000) {
  const buffers = allocateSlots(env.spec, 1)
  const batch = withMemory({ ...buffers, size: 1 }, policy)
  const slot = buffers.rows[0]!
  const action = new Int32Array(1)
  const rng = new Rng(seed)
  env.bind(slot)
  env.reset(rng.fork('env'))
  let score = 0
  let steps = 0
  while (steps < maxSteps && slot.terminated[0] === 0 && slot.truncated[0] === 0) {
    policy.act(batch, rng, action)
    if (slot.mask[action[0]!] !== 1) throw new Error(`action ${action[0]} is masked in state ${slot.stateId[0]}`)
    env.step(action)
    score += slot.reward[0]!
    steps++
  }
  return { score, steps, lastState: slot.stateId[0]! }
}
