import { Env, type EnvState } from '#env/env.js'
import { Rng, type RngState } from '#env/rng.js'
import type { Slot } from '#env/slot.js'
import { box, discrete, multiDiscrete } from '#env/space.js'
import type { EnvSpec } from '#env/spec.js'

const PLACES = 4
const LIMIT_STEPS = 6
const secondPays = [1, -0.5, 0.25]
/** What may be chosen at a place: the first dial's two positions, the second's three, the watcher's two answers. */
const legalOf = [
  ['11', '111', '11'],
  ['01', '011', '11'],
  ['11', '101', '11'],
  ['11', '110', '10'],
]

/**
 * A team for tests that can be seen in two ways, in all else the same, with the same draws. Together: `operator` sets two dials at
 * once, of 2 and of 3 positions, `watcher` says no or yes. Apart: each dial has an operator of its own. All get the same reward. Masks
 * and durations depend on the place; the operator may be away for a step; episodes end by their rules or are cut off after 6 steps.
 */
export class Panel extends Env {
  readonly spec: EnvSpec
  readonly #apart: boolean
  #slot!: Slot
  #rng!: Rng
  #place = 0
  #away = 0
  #steps = 0

  constructor(how: 'together' | 'apart' = 'together') {
    super()
    this.#apart = how === 'apart'
    const agent = { observation: box(1, 0, PLACES), numObservations: PLACES }
    const operators = this.#apart
      ? [
          { name: 'first', action: discrete(2), ...agent },
          { name: 'second', action: discrete(3), ...agent },
        ]
      : [{ name: 'operator', action: multiDiscrete([2, 3]), ...agent }]
    this.spec = {
      id: 'panel',
      version: '1',
      open: true,
      agents: [...operators, { name: 'watcher', action: discrete(2), ...agent }],
      numStates: PLACES * 2,
      stateSize: 1,
      quantities: [],
      score: { aggregate: 'shared', over: 'episode' },
      limitSteps: LIMIT_STEPS,
    }
  }

  override bind(slot: Slot): void {
    this.#slot = slot
  }

  override reset(rng: Rng): void {
    this.#rng = rng
    this.#place = rng.integer(PLACES)
    this.#away = 0
    this.#steps = 0
    this.#slot.reward.fill(0)
    this.#slot.elapsed[0] = 1
    this.#write(false)
  }

  override step(actions: Int32Array): void {
    const slot = this.#slot
    const place = this.#place
    const first = this.#away === 1 ? 0 : actions[0]!
    const second = this.#away === 1 ? 0 : actions[1]!
    const answer = actions[2]!
    const noise = (this.#rng.integer(3) - 1) / 8
    const drift = this.#rng.integer(2)
    slot.reward.fill(0.5 * first * (place - 1) + secondPays[second]! + answer * (place / 2 - 0.5) + noise)
    slot.elapsed[0] = [1, 2, 0.5][(place + answer) % 3]!
    this.#away = this.#away === 0 && second === 2 && place > 0 ? 1 : 0
    const next = place + first + drift - answer
    const over = next >= PLACES
    this.#place = over ? 0 : Math.max(0, next)
    this.#steps++
    this.#write(over)
  }

  override saveState(): EnvState {
    return { place: this.#place, away: this.#away, steps: this.#steps, rng: [...this.#rng.saveState()] }
  }

  override loadState(saved: EnvState): void {
    this.#rng ??= new Rng('')
    this.#rng.loadState(saved.rng as unknown as RngState)
    this.#place = saved.place as number
    this.#away = saved.away as number
    this.#steps = saved.steps as number
    this.#write(false)
  }

  #write(over: boolean): void {
    const slot = this.#slot
    slot.alive.fill(1 - this.#away)
    slot.alive[slot.alive.length - 1] = 1
    slot.mask.fill(0)
    legalOf[this.#place]!.forEach((legal, choice) => {
      if (choice < 2 && this.#away === 1) return
      for (let a = 0; a < legal.length; a++) slot.mask[choice * 3 + a] = legal[a] === '1' ? 1 : 0
    })
    slot.observationId.fill(this.#place)
    slot.stateId[0] = this.#place * 2 + this.#away
    slot.observation.fill(this.#place)
    slot.state.fill(this.#place)
    slot.terminated[0] = over ? 1 : 0
    slot.truncated[0] = !over && this.#steps >= LIMIT_STEPS ? 1 : 0
  }
}
