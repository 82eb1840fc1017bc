import { Env, type EnvState } from '../env.js'
import type { StartSink, TransitionSink } from '../mdp/transition-sink.js'
import { Rng, type RngState } from '../rng.js'
import type { Slot } from '../slot.js'
import { box, discrete } from '../space.js'
import type { EnvSpec } from '../spec.js'

/**
 * The smallest environment with a mask, a quantity and chance, for tests. One agent, states 0 outside, 1 with the key, 2
 * inside (terminal). Actions: 0 wait (loses the key with probability 1/4), 1 pick up the key, 2 open, legal with the
 * key only. Reward 1 for opening, else -0.1 with probability 1/2 and 0 otherwise.
 */
export class LockedDoor extends Env {
  readonly spec: EnvSpec = {
    id: 'locked-door',
    version: '1',
    agents: [{ name: 'walker', observation: box(1, 0, 2), action: discrete(3), numObservations: 3 }],
    numStates: 3,
    stateSize: 1,
    quantities: [{ name: 'keys', unit: 'keys', description: 'keys in hand' }],
    score: { aggregate: 'shared', over: 'episode' },
    limitSteps: 20,
  }
  protected slot!: Slot
  protected rng!: Rng
  protected state = 0
  protected stepsTaken = 0

  override bind(slot: Slot): void {
    this.slot = slot
    slot.alive[0] = 1
    slot.elapsed[0] = 1
  }

  override reset(rng: Rng): void {
    this.rng = rng
    this.state = 0
    this.stepsTaken = 0
    this.slot.reward[0] = 0
    this.slot.quantities[0] = 0
    this.write()
  }

  override step(actions: Int32Array): void {
    const drop = this.rng.uniform() < 0.25
    const pay = this.rng.uniform() < 0.5
    if (actions[0] === 0 && drop) this.state = 0
    if (actions[0] === 1) this.state = 1
    if (actions[0] === 2) this.state = 2
    this.stepsTaken++
    this.slot.reward[0] = actions[0] === 2 ? 1 : pay ? -0.1 : 0
    this.slot.quantities[0] = this.state === 1 ? 1 : 0
    this.write()
  }

  override saveState(): EnvState {
    return { state: this.state, stepsTaken: this.stepsTaken, rng: [...this.rng.saveState()] }
  }

  override loadState(saved: EnvState): void {
    this.rng ??= new Rng('')
    this.rng.loadState(saved.rng as unknown as RngState)
    this.state = saved.state as number
    this.stepsTaken = saved.stepsTaken as number
    this.write()
  }

  override startStates(sink: StartSink): void {
    sink.add(0, 1)
  }

  override showState(state: number): void {
    this.state = state
    this.stepsTaken = 0
    this.write()
  }

  override transitions(state: number, jointAction: Int32Array, sink: TransitionSink): void {
    if (jointAction[0] === 2) sink.add(2, 1, [1], true)
    else if (jointAction[0] === 1) sink.add(1, 1, [-0.05], false)
    else {
      sink.add(state, 0.75, [-0.05], false)
      sink.add(0, 0.25, [-0.05], false)
    }
  }

  protected write(): void {
    const { slot, state } = this
    slot.mask[0] = 1
    slot.mask[1] = 1
    slot.mask[2] = state === 1 ? 1 : 0
    slot.observationId[0] = state
    slot.stateId[0] = state
    if (slot.observation.length > 0) slot.observation[0] = state
    if (slot.state.length > 0) slot.state[0] = state
    slot.terminated[0] = state === 2 ? 1 : 0
    slot.truncated[0] = state !== 2 && this.stepsTaken >= 20 ? 1 : 0
  }
}
