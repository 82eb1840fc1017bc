import type { DType } from '#algorithms/bundle/dtype.js'
import { decodeSafetensors, encodeSafetensors } from '#algorithms/bundle/safetensors.js'
import type { LearnerState } from '#algorithms/learner.js'
import { type CadreError, StateError } from '#env/errors.js'
import type { Json } from '#env/json.js'
import type { Tensor } from '#env/policy.js'
import type { VectorEnvState } from '#env/vector-env.js'

/** Everything a trial needs to go on as if it had never stopped. */
export interface TrialCheckpoint {
  readonly trial: string
  /** Steps of the vectorised environment taken so far. */
  readonly vectorStep: number
  /** Evaluations done so far. */
  readonly evaluations: number
  readonly best: number | null
  readonly lastScore: number | null
  /** Wall seconds spent so far: for timing only, it decides nothing. */
  readonly seconds: number
  /** Bytes of each log at this moment. */
  readonly logs: { readonly metrics: number; readonly evaluations: number; readonly timing: number }
  readonly environment: VectorEnvState
  readonly learner: LearnerState
  /** Parts of the learner's state that only grow, kept in files beside this one: how long each is. */
  readonly grown: { readonly [name: string]: GrownPart }
}

/** A part of a checkpoint that only grows. */
export interface GrownPart {
  readonly dtype: DType
  /** Numbers, of this type. */
  readonly length: number
}

const FORMAT = 'cadre-checkpoint/2'

/** One file: the learner's arrays as tensors, the rest as JSON in the header. */
export function encodeCheckpoint(checkpoint: TrialCheckpoint): Uint8Array {
  const { learner, ...rest } = checkpoint
  const tensors: Record<string, Tensor> = {}
  for (const [name, data] of Object.entries(learner.arrays)) tensors[name] = { shape: [data.length], data }
  const state = JSON.stringify({ ...rest, data: learner.data })
  return encodeSafetensors(tensors, { format: FORMAT, state })
}

/** @throws StateError when the bytes aren't a checkpoint of this trial */
export function decodeCheckpoint(bytes: Uint8Array, trial: string, path: string): TrialCheckpoint {
  const refuse = (why: string, cause?: unknown): never => {
    throw new StateError(`${path}: ${why}; delete it to start this trial again`, { cause })
  }
  try {
    const { tensors, metadata } = decodeSafetensors(bytes)
    if (metadata.format !== FORMAT) refuse(`expected a checkpoint of format ${FORMAT}, got ${metadata.format}`)
    const { data, ...rest } = JSON.parse(metadata.state ?? '') as Omit<TrialCheckpoint, 'learner'> & {
      data: { readonly [key: string]: Json }
    }
    if (rest.trial !== trial) refuse(`the checkpoint belongs to trial ${rest.trial}, expected ${trial}`)
    const arrays = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.data]))
    return { ...rest, learner: { arrays, data } }
  } catch (error) {
    if (error instanceof StateError) throw error
    return refuse(`not a readable checkpoint (${(error as CadreError).message})`, error)
  }
}
