import type { Env } from '#env/env.js'
import type { Layout } from '#env/spec.js'
import { VectorEnv } from '#env/vector-env.js'
import type { ActingBatch, WholeStep } from './recorded-run.js'

/**
 * A `VectorEnv` whose steps are whole: what was acted on, the actions, what followed before any reset.
 * Copies everything; for tests only.
 */
export class WholeEnv {
  readonly env: VectorEnv

  constructor(make: () => Env, rows: number, seed: string, needs: { readonly actionReward?: boolean } = {}) {
    this.env = new VectorEnv(make, rows, seed, needs)
    this.env.reset()
  }

  get layout(): Layout {
    return this.env.layout
  }

  step(actions: Int32Array): WholeStep {
    const { env } = this
    const before = copyOf(env)
    env.step(actions)
    const after = copyOf(env)
    for (let row = 0; row < env.size; row++) {
      if (env.ended[row] === 0) continue
      const part = <T extends Float32Array | Int32Array | Uint8Array>(to: T, from: T): void => {
        const width = to.length / env.size
        to.set(from.subarray(row * width, (row + 1) * width), row * width)
      }
      part(after.observation, env.finalObservation)
      part(after.observationId, env.finalObservationId)
      part(after.mask, env.finalMask)
      part(after.state, env.finalState)
      part(after.stateId, env.finalStateId)
      part(after.featureRow!, env.finalFeatureRow)
      const { agents, numActions } = env.layout
      for (let i = 0; i < agents; i++) {
        const at = row * agents + i
        after.alive![at] = after.mask.subarray(at * numActions, (at + 1) * numActions).includes(1) ? 1 : 0
      }
    }
    return {
      spec: env.spec,
      before,
      actions: actions.slice(),
      reward: env.reward.slice(),
      actionReward: env.actionReward.slice(),
      after,
      terminated: env.terminated.slice(),
      ended: env.ended.slice(),
      elapsed: env.elapsed.slice(),
    }
  }
}

function copyOf(env: VectorEnv): ActingBatch {
  return {
    layout: env.layout,
    size: env.size,
    observation: env.observation.slice(),
    mask: env.mask.slice(),
    observationId: env.observationId.slice(),
    stateId: env.stateId.slice(),
    state: env.state.slice(),
    ...(env.features === undefined ? {} : { features: env.features }),
    featureRow: env.featureRow.slice(),
    alive: env.alive.slice(),
  }
}
