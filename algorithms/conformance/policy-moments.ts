import type { Env } from '#env/env.js'
import type { PolicyBatch } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { sampleMasked } from '#env/space.js'
import { VectorEnv } from '#env/vector-env.js'

/** Rows that a policy is asked about at once, and moments of a random play at which it is asked. */
export const ROWS = 8
const MOMENTS = 60

/** Views of a moment; who acts has a legal action. */
export type Moment = PolicyBatch

/** What some rows show under random legal actions, moment by moment. */
export function momentsOf(makeEnv: () => Env): Moment[] {
  const env = new VectorEnv(makeEnv, ROWS, 'check-policy/env')
  const rng = new Rng('check-policy/actions')
  const { numActions, actionsOf } = env.layout
  const actions = new Int32Array(ROWS * actionsOf.length)
  env.reset()
  return Array.from({ length: MOMENTS }, () => {
    const moment = copyOf(env.current)
    actions.forEach((_, k) => {
      actions[k] = Math.max(0, sampleMasked(env.current.mask, k * numActions, actionsOf[k % actionsOf.length]!, rng))
    })
    env.step(actions)
    return moment
  })
}

export const views = ['observation', 'mask', 'observationId', 'stateId', 'state'] as const

export function copyOf(batch: PolicyBatch): Moment {
  return { ...partOf(batch, 0, batch.size), layout: batch.layout, size: batch.size }
}

export function rowOf(batch: Moment, row: number): Moment {
  return { ...partOf(batch, row, row + 1), layout: batch.layout, size: 1 }
}

function partOf(batch: PolicyBatch, from: number, to: number) {
  const part = <T extends Float32Array | Int32Array | Uint8Array>(array: T): T => {
    const width = array.length / batch.size
    return array.slice(from * width, to * width) as T
  }
  const { features, featureRow } = batch
  return {
    ...(features === undefined || featureRow === undefined ? {} : { features, featureRow: part(featureRow) }),
    observation: part(batch.observation),
    mask: part(batch.mask),
    observationId: part(batch.observationId),
    stateId: part(batch.stateId),
    state: part(batch.state),
  }
}

/** The same moment with an agent away in every row. */
export function withoutAgent(moment: Moment, agent: number): Moment {
  const { agents } = moment.layout
  const mask = moment.mask.slice()
  const width = mask.length / (moment.size * agents)
  for (let k = agent; k < moment.size * agents; k += agents) mask.fill(0, k * width, (k + 1) * width)
  return { ...moment, mask }
}

/** Whether choice k of a moment is anybody's to make. */
export function actsAt(batch: Moment, k: number): boolean {
  const { numActions } = batch.layout
  return batch.mask.subarray(k * numActions, (k + 1) * numActions).includes(1)
}
