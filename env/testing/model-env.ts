import { Env, type EnvState } from '../env.js'
import type { TabularMdp } from '../mdp/tabular-mdp.js'
import type { StartSink, TransitionSink } from '../mdp/transition-sink.js'
import { Rng, type RngState } from '../rng.js'
import type { Slot } from '../slot.js'
import { box, discrete } from '../space.js'
import type { EnvSpec } from '../spec.js'

/** A model as an environment to be played, times included, for tests: a single agent that sees the state's index. Rewards are expected ones. */
export class ModelEnv extends Env {
  readonly spec: EnvSpec
  readonly #mdp: TabularMdp
  #slot!: Slot
  #rng!: Rng
  #state = 0

  constructor(mdp: TabularMdp) {
    super()
    const { numStates, numActions } = mdp
    this.#mdp = mdp
    this.spec = {
      id: 'model',
      version: '1',
      agents: [
        {
          name: 'agent',
          observation: box(1, 0, numStates - 1),
          action: discrete(numActions),
          numObservations: numStates,
        },
      ],
      numStates,
      stateSize: 0,
      quantities: [],
      score: { aggregate: 'shared', over: 'episode' },
      limitSteps: null,
    }
  }

  override bind(slot: Slot): void {
    this.#slot = slot
    slot.alive[0] = 1
  }

  override reset(rng: Rng): void {
    this.#rng = rng
    this.#state = rng.categorical(this.#mdp.start)
    this.#slot.reward[0] = 0
    this.#write()
  }

  override step(actions: Int32Array): void {
    const { numActions, rowStart, probability, successor, reward, elapsed } = this.#mdp
    const row = this.#state * numActions + actions[0]!
    const from = rowStart[row]!
    const k = from + this.#rng.categorical(probability.subarray(from, rowStart[row + 1]!))
    this.#slot.reward[0] = reward[row]!
    this.#slot.elapsed[0] = elapsed?.[k] ?? 1
    this.#state = successor[k]!
    this.#write()
  }

  override saveState(): EnvState {
    return { state: this.#state, rng: [...this.#rng.saveState()] }
  }

  override loadState(saved: EnvState): void {
    this.#rng ??= new Rng('')
    this.#rng.loadState(saved.rng as unknown as RngState)
    this.#state = saved.state as number
    this.#write()
  }

  override startStates(sink: StartSink): void {
    this.#mdp.start.forEach((probability, state) => {
      sink.add(state, probability)
    })
  }

  override showState(state: number): void {
    this.#state = state
    this.#write()
  }

  override transitions(state: number, jointAction: Int32Array, sink: TransitionSink): void {
    const { numActions, rowStart, probability, successor, reward, elapsed, terminal } = this.#mdp
    const row = state * numActions + jointAction[0]!
    for (let k = rowStart[row]!; k < rowStart[row + 1]!; k++) {
      const next = successor[k]!
      sink.add(next, probability[k]!, [reward[row]!], terminal[next] === 1, elapsed?.[k] ?? 1)
    }
  }

  #write(): void {
    const { numActions, rowStart, terminal } = this.#mdp
    const slot = this.#slot
    const state = this.#state
    for (let a = 0, row = state * numActions; a < numActions; a++, row++) {
      slot.mask[a] = terminal[state] === 1 || rowStart[row + 1]! > rowStart[row]! ? 1 : 0
    }
    slot.observationId[0] = state
    slot.stateId[0] = state
    slot.observation.fill(state)
    slot.terminated[0] = terminal[state]!
    slot.truncated[0] = 0
  }
}
