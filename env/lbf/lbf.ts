import { Env, type EnvState } from '../env.js'
import { LifecycleError } from '../errors.js'
import type { Json } from '../json.js'
import { Rng, type RngState } from '../rng.js'
import type { Slot } from '../slot.js'
import { box, discrete } from '../space.js'
import type { EnvSpec } from '../spec.js'
import { readInjected } from '../trace/trace-contract.js'
import { type LbfConfig, lbfConfig } from './config.js'
import { Field } from './field.js'
import { Observer } from './observer.js'
import { lbfInitial } from './trace.js'

export const LBF_VERSION = '1'

const LOAD = 5
const actionLabels = ['none', 'north', 'south', 'west', 'east', 'load']

/**
 * Level-based foraging (Albrecht and Ramamoorthy 2013; Papoudakis et al. 2021), as the tasks Foraging-...-v3 of lbforaging
 * have it, with vector observations. Agents with levels walk on a grid and load food; food is lifted by agents beside it
 * whose levels together reach its own.
 *
 * Actions: 0 none, 1 north (row - 1), 2 south, 3 west, 4 east, 5 load; all are in the mask, and what can't be done does
 * nothing: a move off the grid or onto food, a load without food beside the agent (orthogonally).
 * A step: all agents choose. A cell that two or more want, those included that stay there, is entered by nobody; swaps
 * are allowed, and an agent may enter a cell whose occupant then doesn't leave, so two can share a cell. Then agents
 * load: for each item of food, the levels of the loaders beside it are summed. Where the sum reaches the food's level it
 * is gone and each of them earns level * food level / (sum * levels of all food of the episode), or level * food level
 * without `normalizeReward`; otherwise each of them pays `penalty`.
 * Score: sum over the team and the episode; all food is worth 1.
 * Observation, f32 [3F + 3N]: food within `sight` rows and columns, row by row, as row, column, level; then the agent itself;
 * then the others that it sees in their order. Unseen: -1, -1, 0. Coordinates count from the corner of what is seen. Others
 * are seen where both coordinates, so counted, lie in 0..2 * sight (near the north and west edges that is further than for food).
 * Global state, f32 [3F + 3N]: all food that is left, then all agents, by absolute row and column.
 * Start: agents anywhere in cells of their own, levels uniform in minAgentLevel..maxAgentLevel. Food not at the edge, not
 * within one cell of other food, nor within two in the same row or column; at most 1000 tries, then there is less of it. Its
 * level: the sum of the three lowest agents' (`cooperative`), or uniform from 1 to that. Nothing is drawn in a step.
 * End: terminated when no food is left; `limitAs` (terminated, as in the original) after `maxSteps` steps.
 * Traces: `initial` is { agents: [{ row, col, level }], food: [{ row, col, level }] }; `state` any of agents, food (what is
 * left, row by row), spawnedFoodLevels, stepsTaken.
 * Deviations: random numbers are drawn in another order; in the original, places that agents had at the end of an episode
 * are not used for the next start as long as their agents aren't placed.
 * Versions: 1, first.
 */
export class Lbf extends Env {
  readonly spec: EnvSpec
  readonly #field: Field
  readonly #observer: Observer
  readonly #maxSteps: number
  readonly #limitTerminates: boolean
  readonly #penalty: number
  readonly #normalizes: boolean
  /** i32 [6], what an action adds to the number of a cell. */
  readonly #move: Int32Array
  /** i32 [N], cells that agents want to be in. */
  readonly #wanted: Int32Array
  /** u8 [N], agents that load and haven't been served. */
  readonly #loads: Uint8Array
  #stepsTaken = 0
  #slot!: Slot
  #rng: Rng | undefined

  constructor(config: LbfConfig = lbfConfig.parse({})) {
    super()
    const { gridSize, numAgents, maxAgentLevel } = config
    this.#field = new Field(config)
    this.#observer = new Observer(this.#field, config)
    this.#maxSteps = config.maxSteps
    this.#limitTerminates = config.limitAs === 'terminated'
    this.#penalty = config.penalty
    this.#normalizes = config.normalizeReward
    const { width } = this.#field
    this.#move = Int32Array.of(0, -width, width, -1, 1, 0)
    this.#wanted = new Int32Array(numAgents)
    this.#loads = new Uint8Array(numAgents)
    const { size } = this.#observer
    const observation = box(size, -1, Math.max(gridSize - 1, Math.min(3, numAgents) * maxAgentLevel))
    this.spec = {
      id: 'lbf',
      version: LBF_VERSION,
      agents: Array.from({ length: numAgents }, (_, i) => ({
        name: `agent-${i}`,
        observation,
        action: discrete(actionLabels.length, actionLabels),
        numObservations: 0,
      })),
      numStates: 0,
      stateSize: size,
      quantities: [],
      score: { aggregate: 'team-sum', over: 'episode' },
      limitSteps: config.maxSteps,
    }
  }

  override bind(slot: Slot): void {
    this.#slot = slot
    slot.mask.fill(1)
    slot.alive.fill(1)
    slot.elapsed[0] = 1
    slot.observationId.fill(-1)
    slot.stateId[0] = -1
  }

  override reset(rng: Rng): void {
    this.#rng = rng
    this.#field.draw(rng)
    this.#start()
  }

  override step(actions: Int32Array): void {
    const field = this.#field
    const { reward, terminated, truncated } = this.#slot
    for (let i = 0; i < reward.length; i++) reward[i] = 0
    const loaders = this.#walk(actions)
    if (loaders > 0) this.#load(reward)
    this.#stepsTaken++
    const atLimit = this.#stepsTaken >= this.#maxSteps
    const terminates = field.foodLeft === 0 || (atLimit && this.#limitTerminates)
    terminated[0] = terminates ? 1 : 0
    truncated[0] = atLimit && !terminates ? 1 : 0
    this.#writeView()
  }

  override injectInitial(json: Json): void {
    const { agents, food } = readInjected(lbfInitial, json, 'lbf.injectInitial')
    this.#rng ??= new Rng('')
    this.#field.place(agents, food, 'lbf.injectInitial')
    this.#start()
  }

  /** @throws LifecycleError before the first reset */
  override saveState(): EnvState {
    if (this.#rng === undefined) throw new LifecycleError('lbf.saveState: call reset first')
    return {
      ...this.#field.things(),
      spawnedFoodLevels: this.#field.spawnedLevels,
      stepsTaken: this.#stepsTaken,
      rng: [...this.#rng.saveState()],
    }
  }

  override loadState(saved: EnvState): void {
    const things = { agents: saved.agents ?? null, food: saved.food ?? null }
    const { agents, food } = readInjected(lbfInitial, things, 'lbf.loadState')
    this.#rng ??= new Rng('')
    this.#rng.loadState(saved.rng as unknown as RngState)
    this.#field.place(agents, food, 'lbf.loadState')
    this.#field.spawnedLevels = saved.spawnedFoodLevels as number
    this.#start()
    this.#stepsTaken = saved.stepsTaken as number
  }

  /** Moves everybody who can; returns how many load. */
  #walk(actions: Int32Array): number {
    const field = this.#field
    const { cells, position } = field
    const wanted = this.#wanted
    const n = position.length
    let loaders = 0
    for (let i = 0; i < n; i++) {
      const from = position[i]!
      const action = actions[i]!
      const to = from + this.#move[action]!
      wanted[i] = cells[to] === 0 ? to : from
      const loads = action === LOAD && field.foodBeside(from) !== 0 ? 1 : 0
      this.#loads[i] = loads
      loaders += loads
    }
    for (let i = 0; i < n; i++) {
      const to = wanted[i]!
      if (to === position[i]) continue
      let others = 0
      for (let j = 0; j < n; j++) if (wanted[j] === to && j !== i) others++
      if (others === 0) position[i] = to
    }
    return loaders
  }

  /** Serves food by food, with all who load it. */
  #load(reward: Float64Array): void {
    const field = this.#field
    const { cells, position, level, width } = field
    const loads = this.#loads
    for (let i = 0; i < loads.length; i++) {
      if (loads[i] === 0) continue
      const cell = field.foodBeside(position[i]!)
      const food = cells[cell]!
      let sum = 0
      for (let j = i; j < loads.length; j++) {
        if (loads[j] === 1 && isBeside(position[j]!, cell, width)) sum += level[j]!
      }
      const scale = this.#normalizes ? sum * field.spawnedLevels : 1
      for (let j = i; j < loads.length; j++) {
        if (loads[j] === 0 || !isBeside(position[j]!, cell, width)) continue
        reward[j] = sum < food ? 0 - this.#penalty : (level[j]! * food) / scale
        loads[j] = 0
      }
      if (sum >= food) field.takeFood(cell)
    }
  }

  #start(): void {
    const slot = this.#slot
    this.#stepsTaken = 0
    slot.reward.fill(0)
    slot.terminated[0] = 0
    slot.truncated[0] = 0
    this.#writeView()
  }

  #writeView(): void {
    const { observation, state } = this.#slot
    if (observation.length > 0) this.#observer.writeObservations(observation)
    if (state.length > 0) this.#observer.writeState(state)
  }
}

function isBeside(cell: number, other: number, width: number): boolean {
  const distance = Math.abs(cell - other)
  return distance === 1 || distance === width
}
