import { Env, type EnvState } from '../env.js'
import { IllegalActionError, LifecycleError, ShapeError, StateError } from '../errors.js'
import { Rng, type RngState } from '../rng.js'
import type { Slot } from '../slot.js'
import { box, discrete } from '../space.js'
import type { EnvSpec } from '../spec.js'
import type { StartSink, TransitionSink } from './transition-sink.js'

/** The dynamics of a single agent as a table: row s * A + a lists the outcomes of action a in state s. */
export interface OutcomeTable {
  readonly numStates: number
  readonly actionLabels: readonly string[]
  /**
   * i32 [S * A + 1]; row r is the entries rowStart[r]..rowStart[r+1]-1. An empty row is an illegal action; rows of terminal
   * states are never read.
   */
  readonly rowStart: Int32Array
  /** i32 [nonzeros] */
  readonly successor: Int32Array
  /** f64 [nonzeros], each row sums to 1. */
  readonly probability: Float64Array
  /** f64 [nonzeros], reward of each outcome. */
  readonly reward: Float64Array
  /** u8 [S], 1 = the episode ends on entering. */
  readonly terminal: Uint8Array
  /** f64 [S], distribution over start states. */
  readonly start: Float64Array
}

/** What a table doesn't say about an environment. */
export interface TableEnvOptions {
  readonly id: string
  readonly version: string
  /** Steps after which an episode ends by itself; null = never. */
  readonly limitSteps: number | null
  /** Which flag the end at the limit sets. */
  readonly limitAs: 'truncated' | 'terminated'
}

/**
 * A single-agent environment that is a table: gridworlds, toy text. Observation and state are the state's number and,
 * where read, its one-hot vector. An action is legal where its row has outcomes. A step draws one number, and none where
 * the outcome is certain; so does a reset.
 */
export class TableEnv extends Env {
  readonly spec: EnvSpec
  readonly table: OutcomeTable
  readonly #numActions: number
  /** f64 [nonzeros], probabilities summed along each row. */
  readonly #upTo: Float64Array
  readonly #someIllegal: boolean
  readonly #onlyStart: number
  readonly #limitSteps: number
  readonly #limitTerminates: boolean
  /** What a sink is handed. */
  readonly #rewards = new Float64Array(1)
  #slot: Slot | undefined
  #rng: Rng | undefined
  #state = 0
  #stepsTaken = 0

  constructor(table: OutcomeTable, options: TableEnvOptions) {
    super()
    const { numStates, actionLabels, rowStart, probability, start } = table
    this.table = table
    this.#numActions = actionLabels.length
    this.#upTo = new Float64Array(probability.length)
    for (let row = 0; row + 1 < rowStart.length; row++) {
      let sum = 0
      for (let k = rowStart[row]!; k < rowStart[row + 1]!; k++) {
        sum += probability[k]!
        this.#upTo[k] = sum
      }
    }
    this.#someIllegal = hasIllegalAction(table)
    this.#onlyStart = start.indexOf(1)
    this.#limitSteps = options.limitSteps ?? Number.POSITIVE_INFINITY
    this.#limitTerminates = options.limitAs === 'terminated'
    this.spec = {
      id: options.id,
      version: options.version,
      agents: [
        {
          name: 'agent',
          observation: box(numStates, 0, 1),
          action: discrete(actionLabels.length, actionLabels),
          numObservations: numStates,
        },
      ],
      numStates,
      stateSize: 0,
      quantities: [],
      score: { aggregate: 'shared', over: 'episode' },
      limitSteps: options.limitSteps,
    }
  }

  override bind(slot: Slot): void {
    this.#slot = slot
    slot.mask.fill(1)
    slot.alive.fill(1)
    slot.elapsed[0] = 1
  }

  override reset(rng: Rng): void {
    const slot = this.#boundSlot('reset')
    this.#rng = rng
    this.#state = this.#onlyStart >= 0 ? this.#onlyStart : rng.categorical(this.table.start)
    this.#stepsTaken = 0
    slot.reward[0] = 0
    this.#writeView(slot)
    this.#writeEnd(slot, 0)
  }

  /**
   * @throws LifecycleError before the first reset
   * @throws ShapeError for an action outside the table
   * @throws IllegalActionError for an action without outcomes in this state
   */
  override step(actions: Int32Array): void {
    const slot = this.#boundSlot('step')
    const rng = this.#rng
    if (rng === undefined) throw new LifecycleError(`${this.spec.id}.step: call reset first`)
    const action = actions[0]!
    if (!(action >= 0 && action < this.#numActions)) {
      throw new ShapeError(`${this.spec.id}: action ${action}, expected 0..${this.#numActions - 1}`)
    }
    const { rowStart, successor, reward, terminal } = this.table
    const row = this.#state * this.#numActions + action
    let k = rowStart[row]!
    const last = rowStart[row + 1]! - 1
    if (last < k) {
      const label = this.table.actionLabels[action]
      throw new IllegalActionError(`${this.spec.id}: "${label}" is illegal in state ${this.#state}; choose by the mask`)
    }
    if (k < last) {
      const draw = rng.uniform()
      while (k < last && draw >= this.#upTo[k]!) k++
    }
    this.#state = successor[k]!
    this.#stepsTaken++
    slot.reward[0] = reward[k]!
    this.#writeView(slot)
    this.#writeEnd(slot, terminal[this.#state]!)
  }

  override saveState(): EnvState {
    if (this.#rng === undefined) throw new LifecycleError(`${this.spec.id}.saveState: call reset first`)
    return { state: this.#state, stepsTaken: this.#stepsTaken, rng: [...this.#rng.saveState()] }
  }

  override loadState(saved: EnvState): void {
    const { state, stepsTaken, rng } = saved
    if (!isIndex(state, this.spec.numStates) || !isIndex(stepsTaken, Number.POSITIVE_INFINITY)) {
      throw new StateError(
        `${this.spec.id}: expected a saved state 0..${this.spec.numStates - 1} and its steps, got state ${state}, stepsTaken ${stepsTaken}; it was saved from another configuration`,
      )
    }
    this.#rng ??= new Rng('')
    this.#rng.loadState(rng as unknown as RngState)
    this.#state = state
    this.#stepsTaken = stepsTaken
    const slot = this.#boundSlot('loadState')
    this.#writeView(slot)
    this.#writeEnd(slot, this.table.terminal[state]!)
  }

  override startStates(sink: StartSink): void {
    this.table.start.forEach((probability, state) => {
      if (probability > 0) sink.add(state, probability)
    })
  }

  override showState(state: number): void {
    this.#state = state
    this.#stepsTaken = 0
    this.#writeView(this.#boundSlot('showState'))
  }

  override transitions(state: number, jointAction: Int32Array, sink: TransitionSink): void {
    const { rowStart, successor, probability, reward, terminal } = this.table
    const row = state * this.#numActions + jointAction[0]!
    const rewards = this.#rewards
    for (let k = rowStart[row]!; k < rowStart[row + 1]!; k++) {
      const next = successor[k]!
      rewards[0] = reward[k]!
      sink.add(next, probability[k]!, rewards, terminal[next] === 1)
    }
  }

  #boundSlot(where: string): Slot {
    if (this.#slot === undefined) throw new LifecycleError(`${this.spec.id}.${where}: call bind first`)
    return this.#slot
  }

  #writeView(slot: Slot): void {
    slot.observationId[0] = this.#state
    slot.stateId[0] = this.#state
    if (this.#someIllegal) this.#writeMask(slot)
    if (slot.observation.length > 0) {
      slot.observation.fill(0)
      slot.observation[this.#state] = 1
    }
  }

  /** Legal actions have outcomes; in terminal states, where nobody acts, all count as legal. */
  #writeMask(slot: Slot): void {
    const { rowStart, terminal } = this.table
    const ended = terminal[this.#state] === 1
    for (let a = 0, row = this.#state * this.#numActions; a < this.#numActions; a++, row++) {
      slot.mask[a] = ended || rowStart[row + 1]! > rowStart[row]! ? 1 : 0
    }
  }

  #writeEnd(slot: Slot, terminal: number): void {
    const atLimit = terminal === 0 && this.#stepsTaken >= this.#limitSteps ? 1 : 0
    slot.terminated[0] = this.#limitTerminates ? terminal | atLimit : terminal
    slot.truncated[0] = this.#limitTerminates ? 0 : atLimit
  }
}

function hasIllegalAction({ numStates, actionLabels, rowStart, terminal }: OutcomeTable): boolean {
  for (let s = 0, row = 0; s < numStates; s++) {
    for (let a = 0; a < actionLabels.length; a++, row++) {
      if (terminal[s] === 0 && rowStart[row + 1] === rowStart[row]) return true
    }
  }
  return false
}

function isIndex(value: unknown, bound: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < bound
}
