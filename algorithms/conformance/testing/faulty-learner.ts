import { z } from 'zod'
import { StateError } from '#env/errors.js'
import type { Policy, PolicyBatch } from '#env/policy.js'
import type { RngState } from '#env/rng.js'
import { defineLearner, type Learner, type LearnerContext, type LearnerEntry } from '../../learner.js'

/** What can be wrong with a learner. */
export type Fault =
  | 'ends at truncation'
  | 'bootstraps after termination'
  | 'reads the next episode'
  | 'ignores durations'
  | 'ignores masks'
  | 'bootstraps from who left'
  | 'learns while gone'
  | 'mixes up rewards'
  | 'acts without masks'
  | 'draws from elsewhere'
  | 'forgets its generator'

/** Something outside the seed, as Math.random would be. */
let outside = 0

/** Q-learning of each agent, written anew with one fault or none: what the checks are tried on. */
export function faultyLearner(fault: Fault | undefined): LearnerEntry {
  return defineLearner({
    name: 'faulty',
    aliases: [],
    summary: 'for tests',
    version: '1',
    schema: z.object({}),
    forms: { arrays: (context) => faulty(context, fault) },
  })
}

function faulty({ spec, discount, rng }: LearnerContext, fault: Fault | undefined): Learner {
  const n = spec.agents.length
  const width = 2
  const states = spec.numStates
  const values = new Float64Array(n * states * width)

  const best = (batch: { mask: Uint8Array }, id: number, k: number, masked: boolean): number => {
    let found = -1
    for (let a = 0; a < width; a++) {
      if (masked && batch.mask[k * width + a] === 0) continue
      if (found < 0 || known(k % n, id, a) > known(k % n, id, found)) found = a
    }
    return found
  }
  const known = (i: number, id: number, a: number) => values[(i * states + id) * width + a]!
  const policy: Policy = {
    observes: 'local',
    act(batch: PolicyBatch, _, out) {
      for (let k = 0; k < batch.size * n; k++) out[k] = Math.max(0, best(batch, batch.observationId[k]!, k, true))
    },
  }

  return {
    act(batch, actions) {
      const acted = { id: batch.observationId, alive: batch.alive }
      for (let k = 0; k < actions.length; k++) {
        const explore = fault === 'draws from elsewhere' ? outside++ % 7 < 3 : rng.uniform() < 0.5
        const draw = rng.uniform() < 0.5 ? 0 : 1
        const masked = fault !== 'acts without masks'
        if (acted.alive[k] === 0) actions[k] = 0
        else if (explore && (!masked || batch.mask[k * width + draw] === 1)) actions[k] = draw
        else actions[k] = best(batch, acted.id[k]!, k, masked)
      }
    },
    update({ before, actions, after, ...batch }) {
      const targets = Array.from(actions, (_, k) => {
        const row = Math.floor(k / n)
        const next = batch.ended[row] === 1 && fault === 'reads the next episode' ? before : after
        const { mask } = next
        const id = next.observationId[k]!
        const there = mask.subarray(k * width, (k + 1) * width).includes(1)
        const over =
          (batch.terminated[row] === 1 && fault !== 'bootstraps after termination') ||
          (batch.truncated[row] === 1 && fault === 'ends at truncation') ||
          (!there && fault !== 'bootstraps from who left')
        const gamma = fault === 'ignores durations' ? discount : discount ** batch.elapsed[row]!
        const choice = best({ mask }, id, k, fault !== 'ignores masks' && there)
        const reward = batch.reward[fault === 'mixes up rewards' ? row * n : k]!
        return reward + (over ? 0 : gamma * known(k % n, id, choice))
      })
      actions.forEach((action, k) => {
        if (before.alive[k] === 0 && fault !== 'learns while gone') return
        const at = ((k % n) * states + before.observationId[k]!) * width + action
        values[at]! += 0.1 * (targets[k]! - values[at]!)
      })
    },
    policy: () => policy,
    saveState: () => ({ arrays: { values: values.slice() }, data: { rng: [...rng.saveState()] } }),
    loadState(state) {
      if (state.arrays.values?.length !== values.length) throw new StateError('faulty: the table has another size')
      values.set(state.arrays.values)
      if (fault !== 'forgets its generator') rng.loadState(state.data.rng as unknown as RngState)
    },
  }
}
