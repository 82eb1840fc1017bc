import type { Env } from '../env.js'
import { ModelError, NotEnumerableError } from '../errors.js'
import { formatBytes } from '../format-bytes.js'
import type { PolicyBatch } from '../policy.js'
import { allocateSlots, type Slot, type SlotNeeds } from '../slot.js'
import { isActing } from '../space.js'
import type { EnvSpec } from '../spec.js'
import { keptApart, RowBuilder } from './row-builder.js'
import { checkMdp, type JointMdp, modelBytes, type TabularMdp } from './tabular-mdp.js'

/** An environment that has declared a finite model. */
type EnumerableEnv = Env & Required<Pick<Env, 'startStates' | 'showState' | 'transitions'>>

/** Limits of enumeration; beyond them it is refused before memory runs out. */
export interface EnumerateOptions extends SlotNeeds {
  /** Most entries of the transition table. Default 100 million (1.2 GB). */
  readonly maxTransitions?: number
  /** Memory that enumeration may take. Default what is free. */
  readonly maxBytes?: number
}

/** Most joint actions a model may have. */
const MAX_JOINT_ACTIONS = 4096

/** Whether an environment declares a finite model. */
export function isEnumerable(env: Env): env is EnumerableEnv {
  return (
    env.spec.numStates > 0 &&
    env.startStates !== undefined &&
    env.showState !== undefined &&
    env.transitions !== undefined
  )
}

/**
 * The model of a single-agent environment: its reachable states, without its step limit.
 * @throws NotEnumerableError when there are several agents (use `toJointMdp`) or no finite model
 */
export function toMdp(env: Env, options: EnumerateOptions = {}): TabularMdp {
  if (env.spec.agents.length > 1) {
    throw new NotEnumerableError(
      `${env.spec.id}: toMdp needs a single agent, got ${env.spec.agents.length}; use toJointMdp`,
    )
  }
  return toJointMdp(env, options)
}

/**
 * The joint model of an environment's agents: reachable states in ascending order of their numbers, without the step
 * limit. The environment must be fresh (not bound); it serves as the model from then on.
 * @throws NotEnumerableError when the environment declares no finite model or it is too large; before memory runs out, with an
 *   estimate
 * @throws ModelError when the declared transitions don't form one
 */
export function toJointMdp(env: Env, options: EnumerateOptions = {}): JointMdp {
  if (!isEnumerable(env)) {
    throw new NotEnumerableError(
      `${env.spec.id}: no finite model (${env.spec.noModel ?? 'it needs spec.numStates, startStates, showState and transitions'}); evaluate by sampling`,
    )
  }
  const { spec } = env
  const buffers = allocateSlots(spec, 1, { observation: false, state: false })
  const { layout } = buffers
  env.bind(buffers.rows[0]!)
  // Heads that an agent doesn't have always choose 0.
  const actionsOf = layout.actionsOf.map((n) => Math.max(1, n))
  const numActions = actionsOf.reduce((product, n) => product * n, 1)
  if (numActions > MAX_JOINT_ACTIONS) {
    throw new NotEnumerableError(
      `${spec.id}: ${numActions} joint actions, at most ${MAX_JOINT_ACTIONS} can be enumerated`,
    )
  }

  const maxBytes = options.maxBytes ?? process.availableMemory()
  checkScan(spec.id, spec.numStates, maxBytes)
  const rows = new RowBuilder(spec, options.maxTransitions ?? 100_000_000)
  env.startStates(rows.start)
  rows.finishStart()
  // Breadth first over environment state numbers; rows are kept in the order of discovery and sorted at the end.
  const jointAction = new Int32Array(actionsOf.length)
  const rowOf = new Int32Array(spec.numStates).fill(-1)
  let nextCheck = 1
  for (let s = rows.nextUndiscovered(); s >= 0; s = rows.nextUndiscovered()) {
    env.showState(s)
    rowOf[s] = rows.numRows
    for (let a = 0; a < numActions; a++) {
      rows.beginRow(s, a)
      if (decodeLegal(a, actionsOf, buffers.mask, layout.numActions, spec.open === true, jointAction))
        env.transitions(s, jointAction, rows)
      rows.finishRow()
    }
    if (rows.numRows >= nextCheck) {
      checkFound(spec, rows, numActions, maxBytes)
      nextCheck = 2 * rows.numRows
    }
  }
  const rowsOfStates = rows.build(rowOf, numActions)
  const tieOrder = spec.agents.length === 1 ? spec.agents[0]!.tieOrder : undefined
  const model = {
    ...rowsOfStates,
    ...(tieOrder === undefined ? {} : { tieOrder }),
    actionsOf,
    batch: observeStates(env, rowsOfStates.stateIds, options),
  }
  checkMdp(model)
  return model
}

/** Bytes that looking for reachable states takes for each state of the environment, reachable or not. */
const SCAN_BYTES = 8 + 1 + 1 + 4 + 4

/** @throws NotEnumerableError when even looking for the reachable states takes more memory than there is */
function checkScan(id: string, numStates: number, maxBytes: number): void {
  const needed = numStates * SCAN_BYTES
  if (needed <= maxBytes && numStates < 2 ** 31) return
  throw new NotEnumerableError(
    `${id}: expected a model that fits in memory, but looking through its ${numStates} states takes ${formatBytes(needed)} and ${formatBytes(maxBytes)} are free; make the environment smaller, or evaluate by sampling`,
  )
}

/**
 * Estimates the model from what is known so far: the states found will have rows like those seen. The model and what it is put
 * together from are in memory at once.
 * @throws NotEnumerableError when that won't fit
 */
function checkFound(spec: EnvSpec, rows: RowBuilder, numActions: number, maxBytes: number): void {
  const { states, transitions } = rows.found
  const expected = Math.round((transitions / rows.numRows) * states * numActions)
  const perRow = (keptApart(spec) ? spec.agents.length : 0) + (spec.costs?.length ?? 0)
  const needed = 2 * modelBytes(states, numActions, expected, { perRow, durations: rows.hasDurations })
  if (needed <= maxBytes) return
  throw new NotEnumerableError(
    `${spec.id}: expected a model that fits in memory, but the ${states} states found so far, of ${numActions} actions, have about ${expected} transitions, which take ${formatBytes(needed)} while they are put together, and ${formatBytes(maxBytes)} are free; make the environment smaller, or evaluate by sampling`,
  )
}

/**
 * Joint index to one action a choice, the last one fastest; false when any of them is illegal. Agents that don't act play 0;
 * where none acts, nothing is legal, unless the team is open and may come back.
 */
function decodeLegal(
  index: number,
  actionsOf: Int32Array,
  mask: Uint8Array,
  width: number,
  open: boolean,
  out: Int32Array,
): boolean {
  let rest = index
  let acting = 0
  for (let i = actionsOf.length - 1; i >= 0; i--) {
    const n = actionsOf[i]!
    const action = rest % n
    rest = (rest - action) / n
    const acts = isActing(mask, i * width, n)
    if (acts ? mask[i * width + action] !== 1 : action > 0) return false
    if (acts) acting++
    out[i] = action
  }
  return acting > 0 || open
}

/** What the agents see in each of the given states. */
function observeStates(shown: EnumerableEnv, stateIds: Int32Array, needs: SlotNeeds): PolicyBatch {
  const all = allocateSlots(shown.spec, stateIds.length, needs)
  for (let s = 0; s < stateIds.length; s++) {
    const slot = all.rows[s]!
    shown.bind(slot)
    shown.showState(stateIds[s]!)
    if (slot.stateId[0] !== stateIds[s]) {
      throw new ModelError(`${shown.spec.id}: showState(${stateIds[s]}) wrote stateId ${slot.stateId[0]}`)
    }
    checkIds(shown, stateIds[s]!, slot)
  }
  const features = shown.features === undefined ? {} : { features: shown.features }
  return { ...all, ...features, size: stateIds.length }
}

/** @throws ModelError when what the agents that act see in a state has a number outside its range */
function checkIds({ spec, features }: EnumerableEnv, state: number, slot: Slot): void {
  const check = (what: string, i: number, id: number, from: number, count: number) => {
    if (id >= from && id < count) return
    const expected = count === 0 ? '-1, as there are none' : `${from}..${count - 1}`
    throw new ModelError(
      `${spec.id}: showState(${state}): ${what} of agent "${spec.agents[i]!.name}" is ${id}, expected ${expected}`,
    )
  }
  const width = slot.mask.length / spec.agents.length
  spec.agents.forEach(({ numObservations, numFeatures = 0 }, i) => {
    if (!isActing(slot.mask, i * width, width)) return
    check('observationId', i, slot.observationId[i]!, numObservations === 0 ? -1 : 0, numObservations)
    check('featureRow', i, slot.featureRow[i]!, -1, numFeatures === 0 ? 0 : (features?.rows ?? 0))
  })
}
