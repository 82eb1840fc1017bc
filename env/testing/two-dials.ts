import { Env, type EnvState } from '../env.js'
import type { StartSink, TransitionSink } from '../mdp/transition-sink.js'
import { Rng, type RngState } from '../rng.js'
import type { Slot } from '../slot.js'
import { box, discrete, multiDiscrete } from '../space.js'
import type { EnvSpec } from '../spec.js'

/** Reward of the operator's dials, [first][second]: a sum of both, so that it can be learned dial by dial. */
const first = [0, 2]
const second = [1, 0, 3]

/**
 * A team for tests in which one agent makes two choices at once, each with a mask of its own. `operator` sets a dial of 2 and
 * one of 3 positions, `watcher` says yes or no. In state 0 the second dial's best position is blocked; yes leads to state 1, where
 * nothing is, and any answer ends the episode. Both get first + second, and 1 more for yes in state 1.
 */
export class TwoDials extends Env {
  readonly spec: EnvSpec = {
    id: 'two-dials',
    version: '1',
    agents: [
      { name: 'operator', observation: box(1, 0, 2), action: multiDiscrete([2, 3]), numObservations: 3 },
      { name: 'watcher', observation: box(1, 0, 2), action: discrete(2, ['no', 'yes']), numObservations: 3 },
    ],
    numStates: 3,
    stateSize: 1,
    quantities: [],
    score: { aggregate: 'shared', over: 'episode' },
    limitSteps: null,
  }
  #slot!: Slot
  #rng!: Rng
  #state = 0

  override bind(slot: Slot): void {
    this.#slot = slot
    slot.alive.fill(1)
    slot.elapsed[0] = 1
  }

  override reset(rng: Rng): void {
    this.#rng = rng
    this.#slot.reward.fill(0)
    this.#show(0)
  }

  override step(actions: Int32Array): void {
    this.#slot.reward.fill(this.#rewardOf(this.#state, actions))
    this.#show(this.#nextOf(this.#state, actions))
  }

  override saveState(): EnvState {
    return { state: this.#state, rng: [...this.#rng.saveState()] }
  }

  override loadState(saved: EnvState): void {
    this.#rng ??= new Rng('')
    this.#rng.loadState(saved.rng as unknown as RngState)
    this.#show(saved.state as number)
  }

  override startStates(sink: StartSink): void {
    sink.add(0, 1)
  }

  override showState(state: number): void {
    this.#show(state)
  }

  override transitions(state: number, actions: Int32Array, sink: TransitionSink): void {
    const reward = this.#rewardOf(state, actions)
    const next = this.#nextOf(state, actions)
    sink.add(next, 1, [reward, reward], next === 2)
  }

  #rewardOf(state: number, actions: Int32Array): number {
    return first[actions[0]!]! + second[actions[1]!]! + (state === 1 ? actions[2]! : 0)
  }

  #nextOf(state: number, actions: Int32Array): number {
    return state === 0 && actions[2] === 1 ? 1 : 2
  }

  #show(state: number): void {
    const slot = this.#slot
    this.#state = state
    // Choices in order: the operator's two dials, the watcher's answer; its second choice it doesn't have.
    slot.mask.set([1, 1, 0, 1, 1, state === 0 ? 0 : 1, 1, 1, 0, 0, 0, 0])
    slot.observationId.fill(state)
    slot.observation.fill(state)
    slot.stateId[0] = state
    slot.state.fill(state)
    slot.terminated[0] = state === 2 ? 1 : 0
    slot.truncated[0] = 0
  }
}
