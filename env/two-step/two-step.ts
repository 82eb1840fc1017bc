import { Env, type EnvState } from '../env.js'
import { LifecycleError, StateError } from '../errors.js'
import type { StartSink, TransitionSink } from '../mdp/transition-sink.js'
import { Rng, type RngState } from '../rng.js'
import type { Slot } from '../slot.js'
import type { EnvSpec } from '../spec.js'

export const TWO_STEP_VERSION = '1'

const FIRST = 0
const A = 1
const B = 2
const END = 3

/** Payoffs of state B, [first agent's action][second agent's action]. */
const PAYOFF_B = Float64Array.of(0, 1, 1, 8)
const PAYOFF_A = 7

const spec = {
  id: 'two-step',
  version: TWO_STEP_VERSION,
  agents: [
    {
      name: 'agent-0',
      observation: { kind: 'box', size: 3, low: 0, high: 1 },
      action: { kind: 'discrete', n: 2, labels: ['A', 'B'] },
      numObservations: 4,
    },
    {
      name: 'agent-1',
      observation: { kind: 'box', size: 3, low: 0, high: 1 },
      action: { kind: 'discrete', n: 2, labels: ['A', 'B'] },
      numObservations: 4,
    },
  ],
  numStates: 4,
  stateSize: 3,
  quantities: [],
  score: { aggregate: 'shared', over: 'episode' },
  limitSteps: 2,
} as const satisfies EnvSpec

/**
 * The two-step game of the QMIX paper (Rashid et al. 2018, section 6.1).
 *
 * Actions of both agents: 0 A, 1 B, always legal. States: 0 first, 1 A, 2 B, 3 end; both agents see the state, as its
 * number or as the one-hot vector of the three states before the end (zeros at the end). The global state is the same
 * vector.
 * Reward, shared: first step 0, and the first agent's action alone decides where it leads: 0 to A, 1 to B. In A the
 * second step pays 7 whatever they do; in B it pays 0 for (0, 0), 8 for (1, 1), else 1. Optimum 8.
 * Start: state 0. End: terminated after the second step. Nothing is random.
 * Versions: 1, first.
 */
export class TwoStep extends Env<typeof spec> {
  readonly spec = spec
  #slot: Slot | undefined
  #rng: Rng | undefined
  #state = FIRST

  override bind(slot: Slot): void {
    this.#slot = slot
    slot.mask.fill(1)
    slot.alive.fill(1)
    slot.elapsed[0] = 1
  }

  override reset(rng: Rng): void {
    const slot = this.#boundSlot('reset')
    this.#rng = rng
    this.#state = FIRST
    slot.reward.fill(0)
    this.#writeView(slot)
  }

  /** @throws LifecycleError before the first reset */
  override step(actions: Int32Array): void {
    const slot = this.#boundSlot('step')
    if (this.#rng === undefined) throw new LifecycleError('two-step.step: call reset first')
    const reward = payoff(this.#state, actions)
    this.#state = successor(this.#state, actions)
    slot.reward[0] = reward
    slot.reward[1] = reward
    this.#writeView(slot)
  }

  override saveState(): EnvState {
    if (this.#rng === undefined) throw new LifecycleError('two-step.saveState: call reset first')
    return { state: this.#state, rng: [...this.#rng.saveState()] }
  }

  override loadState(saved: EnvState): void {
    const { state, rng } = saved
    if (state !== FIRST && state !== A && state !== B && state !== END) {
      throw new StateError(`two-step: expected a saved state 0..3, got ${state}; it was saved from something else`)
    }
    this.#rng ??= new Rng('')
    this.#rng.loadState(rng as unknown as RngState)
    this.#state = state
    this.#writeView(this.#boundSlot('loadState'))
  }

  override startStates(sink: StartSink): void {
    sink.add(FIRST, 1)
  }

  override showState(state: number): void {
    this.#state = state
    this.#writeView(this.#boundSlot('showState'))
  }

  override transitions(state: number, jointAction: Int32Array, sink: TransitionSink): void {
    const next = successor(state, jointAction)
    const reward = payoff(state, jointAction)
    sink.add(next, 1, [reward, reward], next === END)
  }

  #boundSlot(where: string): Slot {
    if (this.#slot === undefined) throw new LifecycleError(`two-step.${where}: call bind first`)
    return this.#slot
  }

  #writeView(slot: Slot): void {
    const state = this.#state
    slot.observationId.fill(state)
    slot.stateId[0] = state
    slot.terminated[0] = state === END ? 1 : 0
    slot.truncated[0] = 0
    slot.observation.fill(0)
    slot.state.fill(0)
    if (state === END) return
    if (slot.observation.length > 0) {
      slot.observation[state] = 1
      slot.observation[3 + state] = 1
    }
    if (slot.state.length > 0) slot.state[state] = 1
  }
}

function successor(state: number, actions: Int32Array): number {
  if (state !== FIRST) return END
  return actions[0] === 0 ? A : B
}

function payoff(state: number, actions: Int32Array): number {
  if (state === A) return PAYOFF_A
  return state === B ? PAYOFF_B[2 * actions[0]! + actions[1]!]! : 0
}
