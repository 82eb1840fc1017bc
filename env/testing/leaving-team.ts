import { Env, type EnvState } from '../env.js'
import type { StartSink, TransitionSink } from '../mdp/transition-sink.js'
import { Rng, type RngState } from '../rng.js'
import type { Slot } from '../slot.js'
import { box, discrete } from '../space.js'
import type { EnvSpec } from '../spec.js'

/**
 * A team that one of two agents leaves, for tests. Actions: 0 rest, 1 work. Step 1: `guest` earns 3 for working and
 * leaves; `host` earns 1 for working in each of three steps. States 0..3 count steps; 3 is terminal.
 */
export class LeavingTeam extends Env {
  readonly spec: EnvSpec = {
    id: 'leaving-team',
    version: '1',
    agents: ['guest', 'host'].map((name) => ({
      name,
      observation: box(1, 0, 3),
      action: discrete(2),
      numObservations: 4,
    })),
    numStates: 4,
    stateSize: 1,
    quantities: [],
    score: { aggregate: 'team-sum', over: 'episode' },
    limitSteps: null,
  }
  #slot!: Slot
  #rng!: Rng
  #state = 0

  override bind(slot: Slot): void {
    this.#slot = slot
    slot.elapsed[0] = 1
  }

  override reset(rng: Rng): void {
    this.#rng = rng
    this.#state = 0
    this.#slot.reward.fill(0)
    this.#write()
  }

  override step(actions: Int32Array): void {
    this.#slot.reward[0] = this.#state === 0 && actions[0] === 1 ? 3 : 0
    this.#slot.reward[1] = actions[1]!
    this.#state++
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
    sink.add(0, 1)
  }

  override showState(state: number): void {
    this.#state = state
    this.#write()
  }

  override transitions(state: number, jointAction: Int32Array, sink: TransitionSink): void {
    const guest = state === 0 ? 3 * jointAction[0]! : 0
    sink.add(state + 1, 1, [guest, jointAction[1]!], state + 1 === 3)
  }

  #write(): void {
    const slot = this.#slot
    const state = this.#state
    slot.alive[0] = state === 0 ? 1 : 0
    slot.alive[1] = 1
    slot.mask.fill(1)
    if (state > 0) slot.mask.fill(0, 0, 2)
    slot.observationId.fill(state)
    slot.stateId[0] = state
    slot.observation.fill(state)
    slot.state.fill(state)
    slot.terminated[0] = state === 3 ? 1 : 0
    slot.truncated[0] = 0
  }
}
