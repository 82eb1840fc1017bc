import { Env, type EnvState } from '../env.js'
import { LifecycleError, StateError } from '../errors.js'
import type { StartSink, TransitionSink } from '../mdp/transition-sink.js'
import { Rng, type RngState } from '../rng.js'
import type { Slot } from '../slot.js'
import { box, discrete } from '../space.js'
import type { EnvSpec } from '../spec.js'
import { type MatrixGameConfig, matrixGameConfig, resolvePayoffs } from './config.js'
import { flattenTensor } from './payoff-tensor.js'

export const MATRIX_GAME_VERSION = '1'

/** Numbers in an observation: zeros, as in the MARL benchmarks. */
const OBSERVATION_SIZE = 2

/**
 * A game in normal form, played `repetitions` times. Any number of agents.
 *
 * Actions: as many as the payoffs have entries on an agent's level, always legal; all agents choose at once.
 * Observation: two zeros, number 0: agents see nothing of what the others did. State: the number of games played so
 * far, 0..repetitions; as a vector, its share of `repetitions` in [0, 1].
 * Reward: the payoff of the joint action, the same for all (`payoffs`) or each agent's own (`payoffsPerAgent`). The
 * score of shared payoffs counts them once, of others it is the sum over agents.
 * Start: no game played. End: terminated after `repetitions` games. Nothing is random.
 * Versions: 1, first.
 */
export class MatrixGame extends Env {
  readonly spec: EnvSpec
  /** Actions of each agent. */
  readonly #shape: Int32Array
  /** f64 [joint actions, N] */
  readonly #payoffs: Float64Array
  readonly #repetitions: number
  #slot: Slot | undefined
  #rng: Rng | undefined
  #played = 0

  constructor(config: MatrixGameConfig = matrixGameConfig.parse({})) {
    super()
    const { shared, tensors, shape } = resolvePayoffs(config)
    const flat = tensors.map((tensor) => flattenTensor(tensor).values)
    const n = shape.length
    this.#shape = Int32Array.from(shape)
    this.#payoffs = Float64Array.from({ length: flat[0]!.length * n }, (_, index) => {
      const joint = Math.floor(index / n)
      return flat[shared ? 0 : index % n]![joint]!
    })
    this.#repetitions = config.repetitions
    this.spec = {
      id: 'matrix-game',
      version: MATRIX_GAME_VERSION,
      agents: shape.map((actions, i) => ({
        name: `agent-${i}`,
        observation: box(OBSERVATION_SIZE, 0, 0),
        action: discrete(actions),
        numObservations: 1,
      })),
      numStates: config.repetitions + 1,
      stateSize: 1,
      quantities: [],
      score: { aggregate: shared ? 'shared' : 'team-sum', over: 'episode' },
      limitSteps: config.repetitions,
    }
  }

  override bind(slot: Slot): void {
    this.#slot = slot
    const width = slot.mask.length / this.#shape.length
    slot.mask.fill(0)
    this.#shape.forEach((actions, i) => {
      slot.mask.fill(1, i * width, i * width + actions)
    })
    slot.alive.fill(1)
    slot.elapsed[0] = 1
    slot.observation.fill(0)
    slot.observationId.fill(0)
  }

  override reset(rng: Rng): void {
    const slot = this.#boundSlot('reset')
    this.#rng = rng
    this.#played = 0
    slot.reward.fill(0)
    this.#writeView(slot)
  }

  /** @throws LifecycleError before the first reset */
  override step(actions: Int32Array): void {
    const slot = this.#boundSlot('step')
    if (this.#rng === undefined) throw new LifecycleError('matrix-game.step: call reset first')
    const n = this.#shape.length
    const from = this.#jointIndex(actions) * n
    for (let i = 0; i < n; i++) slot.reward[i] = this.#payoffs[from + i]!
    this.#played++
    this.#writeView(slot)
  }

  override saveState(): EnvState {
    if (this.#rng === undefined) throw new LifecycleError('matrix-game.saveState: call reset first')
    return { played: this.#played, rng: [...this.#rng.saveState()] }
  }

  override loadState(saved: EnvState): void {
    const { played, rng } = saved
    if (typeof played !== 'number' || !Number.isInteger(played) || played < 0 || played > this.#repetitions) {
      throw new StateError(
        `matrix-game: expected 0..${this.#repetitions} games played, got ${played}; it was saved from another configuration`,
      )
    }
    this.#rng ??= new Rng('')
    this.#rng.loadState(rng as unknown as RngState)
    this.#played = played
    this.#writeView(this.#boundSlot('loadState'))
  }

  override startStates(sink: StartSink): void {
    sink.add(0, 1)
  }

  override showState(state: number): void {
    this.#played = state
    this.#writeView(this.#boundSlot('showState'))
  }

  override transitions(state: number, jointAction: Int32Array, sink: TransitionSink): void {
    const n = this.#shape.length
    const from = this.#jointIndex(jointAction) * n
    sink.add(state + 1, 1, this.#payoffs.subarray(from, from + n), state + 1 === this.#repetitions)
  }

  #boundSlot(where: string): Slot {
    if (this.#slot === undefined) throw new LifecycleError(`matrix-game.${where}: call bind first`)
    return this.#slot
  }

  /** Index of a joint action, the last agent's fastest. */
  #jointIndex(actions: Int32Array): number {
    let index = 0
    for (let i = 0; i < this.#shape.length; i++) index = index * this.#shape[i]! + actions[i]!
    return index
  }

  #writeView(slot: Slot): void {
    slot.stateId[0] = this.#played
    slot.terminated[0] = this.#played >= this.#repetitions ? 1 : 0
    slot.truncated[0] = 0
    if (slot.state.length > 0) slot.state[0] = this.#played / this.#repetitions
  }
}
