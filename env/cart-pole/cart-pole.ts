import { Env, type EnvState } from '../env.js'
import { LifecycleError } from '../errors.js'
import type { Json } from '../json.js'
import { Rng, type RngState } from '../rng.js'
import type { Slot } from '../slot.js'
import { box, discrete } from '../space.js'
import type { EnvSpec } from '../spec.js'
import { readInjected } from '../trace/trace-contract.js'
import { type CartPoleConfig, cartPoleConfig } from './config.js'
import { SMALL_ANGLE, smallCos, smallSin } from './small-angle.js'
import { cartPoleInitial } from './trace.js'

export const CART_POLE_VERSION = '1'

/** N */
const FORCE = 10
/** m/s^2 */
const GRAVITY = 9.8
/** kg */
const POLE_MASS = 0.1
const TOTAL_MASS = 1.1
/** m, half of the pole */
const HALF_LENGTH = 0.5
const POLE_MASS_LENGTH = POLE_MASS * HALF_LENGTH
/** s */
const TAU = 0.02
/** m */
const X_LIMIT = 2.4
/** rad, 12 degrees */
const THETA_LIMIT = (12 * 2 * Math.PI) / 360
const FOUR_THIRDS = 4 / 3
/** Starts lie within this of 0, in every number. */
const START = 0.05

/**
 * A pole on a cart (Barto, Sutton and Anderson 1983), as CartPole-v1 of Gymnasium 1.4 has it.
 *
 * Actions: 0 left, 1 right, always legal: a push of 10 N. Observation, f32 [4], also the global state: cart position x
 * (m), velocity (m/s), pole angle theta (rad, 0 upright), angular velocity (rad/s). Inside everything is f64; one explicit
 * Euler step of 0.02 s a step, all derivatives those before it.
 * Reward: 1 for every step, the last included. Score: return of an episode, at most `maxSteps`.
 * Start: all four uniform in [-0.05, 0.05). End: terminated when |x| > 2.4 or |theta| > 12 degrees; `limitAs` (truncated)
 * after `maxSteps` steps. Nothing is drawn in a step.
 * Traces: `initial` is { state: [x, xDot, theta, thetaDot] }, `state` the same.
 * Deviations: where the pole falls in the very step of the limit, only terminated is set (the original sets both flags).
 * Versions: 1, first.
 */
export class CartPole extends Env {
  readonly spec: EnvSpec
  readonly #maxSteps: number
  readonly #limitTerminates: boolean
  /** f64 [4]: x, xDot, theta, thetaDot. */
  readonly #state = new Float64Array(4)
  #stepsTaken = 0
  #slot!: Slot
  #rng: Rng | undefined

  constructor(config: CartPoleConfig = cartPoleConfig.parse({})) {
    super()
    this.#maxSteps = config.maxSteps ?? Number.POSITIVE_INFINITY
    this.#limitTerminates = config.limitAs === 'terminated'
    this.spec = {
      id: 'cart-pole',
      version: CART_POLE_VERSION,
      agents: [{ name: 'cart', observation: box(4), action: discrete(2, ['left', 'right']), numObservations: 0 }],
      numStates: 0,
      stateSize: 4,
      quantities: [],
      score: { aggregate: 'shared', over: 'episode' },
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
    for (let k = 0; k < 4; k++) this.#state[k] = 2 * START * rng.uniform() - START
    this.#start()
  }

  override step(actions: Int32Array): void {
    const state = this.#state
    const slot = this.#slot
    const x = state[0]!
    const xDot = state[1]!
    const theta = state[2]!
    const thetaDot = state[3]!
    const force = actions[0] === 1 ? FORCE : -FORCE
    const isSmall = theta < SMALL_ANGLE && theta > -SMALL_ANGLE
    const cos = isSmall ? smallCos(theta) : Math.cos(theta)
    const sin = isSmall ? smallSin(theta) : Math.sin(theta)
    // In the original's order of operations, to the last bit: long episodes amplify what rounds differently.
    const temp = (force + POLE_MASS_LENGTH * (thetaDot * thetaDot) * sin) / TOTAL_MASS
    const thetaAcceleration =
      (GRAVITY * sin - cos * temp) / (HALF_LENGTH * (FOUR_THIRDS - (POLE_MASS * (cos * cos)) / TOTAL_MASS))
    const xAcceleration = temp - (POLE_MASS_LENGTH * thetaAcceleration * cos) / TOTAL_MASS
    const nextX = x + TAU * xDot
    const nextTheta = theta + TAU * thetaDot
    state[0] = nextX
    state[1] = xDot + TAU * xAcceleration
    state[2] = nextTheta
    state[3] = thetaDot + TAU * thetaAcceleration

    slot.reward[0] = 1
    const fell = nextX < -X_LIMIT || nextX > X_LIMIT || nextTheta < -THETA_LIMIT || nextTheta > THETA_LIMIT
    const atLimit = ++this.#stepsTaken >= this.#maxSteps
    slot.terminated[0] = fell || (atLimit && this.#limitTerminates) ? 1 : 0
    slot.truncated[0] = atLimit && !fell && !this.#limitTerminates ? 1 : 0
    this.#writeView()
  }

  override injectInitial(json: Json): void {
    const { state } = readInjected(cartPoleInitial, json, 'cart-pole.injectInitial')
    this.#rng ??= new Rng('')
    this.#state.set(state)
    this.#start()
  }

  /** @throws LifecycleError before the first reset */
  override saveState(): EnvState {
    if (this.#rng === undefined) throw new LifecycleError('cart-pole.saveState: call reset first')
    return { state: [...this.#state], stepsTaken: this.#stepsTaken, rng: [...this.#rng.saveState()] }
  }

  override loadState(saved: EnvState): void {
    const { state } = readInjected(cartPoleInitial, { state: saved.state ?? null }, 'cart-pole.loadState')
    this.#rng ??= new Rng('')
    this.#rng.loadState(saved.rng as unknown as RngState)
    this.#state.set(state)
    this.#start()
    this.#stepsTaken = saved.stepsTaken as number
  }

  #start(): void {
    const slot = this.#slot
    this.#stepsTaken = 0
    slot.reward[0] = 0
    slot.terminated[0] = 0
    slot.truncated[0] = 0
    this.#writeView()
  }

  #writeView(): void {
    const { observation, state: global } = this.#slot
    const state = this.#state
    if (observation.length > 0) for (let k = 0; k < 4; k++) observation[k] = state[k]!
    if (global.length > 0) for (let k = 0; k < 4; k++) global[k] = state[k]!
  }
}
