import { Env, type EnvState } from '../env.js'
import { IllegalActionError, LifecycleError, ShapeError, StateError } from '../errors.js'
import type { StartSink, TransitionSink } from '../mdp/transition-sink.js'
import { Rng, type RngState } from '../rng.js'
import type { Slot } from '../slot.js'
import { box, discrete } from '../space.js'
import type { EnvSpec } from '../spec.js'
import { type CarRentalConfig, carRentalConfig } from './config.js'
import { type Location, locationDay } from './location.js'

export const CAR_RENTAL_VERSION = '1'

/**
 * Jack's car rental (Sutton and Barto 2018, example 4.2): two locations rent out cars; overnight some can be moved.
 *
 * Actions: a = 0..2 * maxMoves stands for moving a - maxMoves cars overnight from the first location to the second, negative
 * numbers the other way. Legal where the cars are there. What a location can't hold goes back to the company, moved or not.
 * A day: cars are moved; customers ask, Poisson, and get a car while there are any; cars are brought back, Poisson, and can
 * be rented out from the next day on. Draws per step: requests and returns of the first location, then of the second.
 * State and observation: cars at the end of the day, first * (maxCars + 1) + second; as a vector, one-hot.
 * Reward, dollars: rentalReward a car rented out, minus moveCost a car moved.
 * Poisson numbers aren't truncated: requests beyond the cars there are and returns beyond the room there is change nothing,
 * so their probability is added to the last number that does. (Programs that cut at some number get slightly lower values.)
 * Start: `start`, or uniform over the states. End: never terminated; truncated after `limitSteps` days.
 * Versions: 1, first.
 */
export class CarRental extends Env {
  readonly spec: EnvSpec
  readonly #config: CarRentalConfig
  readonly #first: Location
  readonly #second: Location
  readonly #numStates: number
  #slot: Slot | undefined
  #rng: Rng | undefined
  #state = 0
  #stepsTaken = 0

  constructor(config: CarRentalConfig = carRentalConfig.parse({})) {
    super()
    const { maxCars, maxMoves, requests, returns } = config
    this.#config = config
    this.#first = locationDay(maxCars, requests[0], returns[0])
    this.#second = locationDay(maxCars, requests[1], returns[1])
    this.#numStates = (maxCars + 1) ** 2
    const labels = moveLabels(maxMoves)
    this.spec = {
      id: 'car-rental',
      version: CAR_RENTAL_VERSION,
      agents: [
        {
          name: 'agent',
          observation: box(this.#numStates, 0, 1),
          action: discrete(labels.length, labels),
          numObservations: this.#numStates,
        },
      ],
      numStates: this.#numStates,
      stateSize: 0,
      quantities: [],
      score: { aggregate: 'shared', over: 'episode' },
      limitSteps: config.limitSteps,
    }
  }

  override bind(slot: Slot): void {
    this.#slot = slot
    slot.alive.fill(1)
    slot.elapsed[0] = 1
  }

  override reset(rng: Rng): void {
    const slot = this.#boundSlot('reset')
    const { start, maxCars } = this.#config
    this.#rng = rng
    this.#state = start === 'uniform' ? rng.integer(this.#numStates) : start[0] * (maxCars + 1) + start[1]
    this.#stepsTaken = 0
    slot.reward[0] = 0
    this.#writeView(slot)
  }

  /**
   * @throws LifecycleError before the first reset
   * @throws ShapeError for an action outside the action space
   * @throws IllegalActionError for moving cars that aren't there
   */
  override step(actions: Int32Array): void {
    const slot = this.#boundSlot('step')
    const rng = this.#rng
    if (rng === undefined) throw new LifecycleError(`${this.spec.id}.step: call reset first`)
    const { maxCars, maxMoves, rentalReward, moveCost } = this.#config
    const size = maxCars + 1
    const action = actions[0]!
    if (!(action >= 0 && action <= 2 * maxMoves)) {
      throw new ShapeError(`${this.spec.id}: action ${action}, expected 0..${2 * maxMoves}`)
    }
    if (!this.#isLegal(this.#state, action)) {
      throw new IllegalActionError(
        `${this.spec.id}: can't move ${Math.abs(action - maxMoves)} cars, there are too few in state ${this.#state}; choose by the mask`,
      )
    }
    const first = this.#morning(Math.floor(this.#state / size), maxMoves - action)
    const second = this.#morning(this.#state % size, action - maxMoves)
    const rentedFirst = Math.min(first, rng.categorical(this.#first.requests))
    const nightFirst = Math.min(maxCars, first - rentedFirst + rng.categorical(this.#first.returns))
    const rentedSecond = Math.min(second, rng.categorical(this.#second.requests))
    const nightSecond = Math.min(maxCars, second - rentedSecond + rng.categorical(this.#second.returns))
    this.#state = nightFirst * size + nightSecond
    this.#stepsTaken++
    slot.reward[0] = rentalReward * (rentedFirst + rentedSecond) - moveCost * Math.abs(action - maxMoves)
    this.#writeView(slot)
  }

  override saveState(): EnvState {
    if (this.#rng === undefined) throw new LifecycleError(`${this.spec.id}.saveState: call reset first`)
    return { state: this.#state, stepsTaken: this.#stepsTaken, rng: [...this.#rng.saveState()] }
  }

  override loadState(saved: EnvState): void {
    const { state, stepsTaken, rng } = saved
    if (!isIndex(state, this.#numStates) || !isIndex(stepsTaken, Number.POSITIVE_INFINITY)) {
      throw new StateError(
        `${this.spec.id}: expected a saved state 0..${this.#numStates - 1} and its steps, got state ${state}, stepsTaken ${stepsTaken}; it was saved from another configuration`,
      )
    }
    this.#rng ??= new Rng('')
    this.#rng.loadState(rng as unknown as RngState)
    this.#state = state
    this.#stepsTaken = stepsTaken
    this.#writeView(this.#boundSlot('loadState'))
  }

  override startStates(sink: StartSink): void {
    const { start, maxCars } = this.#config
    if (start !== 'uniform') sink.add(start[0] * (maxCars + 1) + start[1], 1)
    else for (let s = 0; s < this.#numStates; s++) sink.add(s, 1 / this.#numStates)
  }

  override showState(state: number): void {
    this.#state = state
    this.#stepsTaken = 0
    this.#writeView(this.#boundSlot('showState'))
  }

  override transitions(state: number, jointAction: Int32Array, sink: TransitionSink): void {
    const { maxCars, maxMoves, rentalReward, moveCost } = this.#config
    const size = maxCars + 1
    const rewards = new Float64Array(1)
    const moved = jointAction[0]! - maxMoves
    const first = this.#morning(Math.floor(state / size), -moved) * size
    const second = this.#morning(state % size, moved) * size
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        const chance = this.#first.next[first + i]! * this.#second.next[second + j]!
        if (chance === 0) continue
        const rented = this.#first.rented[first + i]! + this.#second.rented[second + j]!
        rewards[0] = rentalReward * rented - moveCost * Math.abs(moved)
        sink.add(i * size + j, chance, rewards, false)
      }
    }
  }

  /** Cars at a location in the morning, given those of the evening before and those moved there. */
  #morning(cars: number, moved: number): number {
    return Math.min(this.#config.maxCars, cars + moved)
  }

  #isLegal(state: number, action: number): boolean {
    const moved = action - this.#config.maxMoves
    const size = this.#config.maxCars + 1
    return moved > 0 ? moved <= Math.floor(state / size) : -moved <= state % size
  }

  #boundSlot(where: string): Slot {
    if (this.#slot === undefined) throw new LifecycleError(`${this.spec.id}.${where}: call bind first`)
    return this.#slot
  }

  #writeView(slot: Slot): void {
    slot.observationId[0] = this.#state
    slot.stateId[0] = this.#state
    for (let a = 0; a <= 2 * this.#config.maxMoves; a++) slot.mask[a] = this.#isLegal(this.#state, a) ? 1 : 0
    if (slot.observation.length > 0) {
      slot.observation.fill(0)
      slot.observation[this.#state] = 1
    }
    const { limitSteps } = this.#config
    slot.terminated[0] = 0
    slot.truncated[0] = limitSteps !== null && this.#stepsTaken >= limitSteps ? 1 : 0
  }
}

/** Names of the moves, in the order of the actions. */
export function moveLabels(maxMoves: number): readonly string[] {
  return Array.from({ length: 2 * maxMoves + 1 }, (_, action) => {
    const moved = action - maxMoves
    return moved === 0 ? 'none' : moved > 0 ? `${moved} to the second` : `${-moved} to the first`
  })
}

function isIndex(value: unknown, bound: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < bound
}
