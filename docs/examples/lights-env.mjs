/** @import { EnvSpec, Slot, StartSink, TransitionSink } from 'cadre/env' */
import { box, discrete, Env, Rng } from 'cadre/env'
import { z } from 'zod'

const schema = z.strictObject({ arrival: z.number().gt(0).lt(1).default(0.4).describe('chance of a car, per light') })
const light = { observation: box(1, 0, 24), action: discrete(2, ['red', 'green']), numObservations: 25 }

/** Cars left at light i: green lets two through unless both are green. @type {(s: number, a: Int32Array, i: number) => number} */
const left = (s, a, i) => Math.max(0, (i === 0 ? Math.floor(s / 5) : s % 5) - (a[i] > a[1 - i] ? 2 : 0))
/** -1 for each car left, -3 when both are green; the same for both lights. @type {(s: number, a: Int32Array) => number[]} */
const rewardsOf = (s, a) => new Array(2).fill(-left(s, a, 0) - left(s, a, 1) - 3 * a[0] * a[1])
/** New cars come: 0 none, 1 east, 2 north, 3 both. @type {(s: number, a: Int32Array, come: number) => number} */
const next = (s, a, come) => 5 * Math.min(4, left(s, a, 0) + (come >> 1)) + Math.min(4, left(s, a, 1) + (come & 1))

/** Two traffic lights. State: 5 * cars north + cars east, at most 4 each; both see it. Green needs a waiting car. */
class Lights extends Env {
  /** @type {EnvSpec} */
  spec = {
    ...{ id: 'lights', version: '1', numStates: 25, stateSize: 0, quantities: [], limitSteps: 50 },
    agents: ['north', 'east'].map((name) => ({ name, ...light })),
    score: { aggregate: 'shared', over: 'episode' },
  }
  now = { state: 0, time: 0 }
  rng = new Rng('')
  chance = [1, 0]

  bind(/** @type {Slot} */ slot) {
    this.slot = slot
    slot.alive.fill(1)
  }
  reset(/** @type {Rng} */ rng) {
    this.rng = rng
    this.slot.reward.fill(0)
    this.showState(0)
  }
  step(/** @type {Int32Array} */ actions) {
    const come = 2 * Number(this.rng.uniform() < this.chance[1]) + Number(this.rng.uniform() < this.chance[1])
    this.slot.reward.set(rewardsOf(this.now.state, actions))
    this.showState(next(this.now.state, actions, come), this.now.time + 1)
  }
  saveState = () => ({ ...this.now, rng: this.rng.saveState() })
  loadState(saved) {
    this.rng.loadState(saved.rng)
    this.showState(saved.state, saved.time)
  }
  startStates = (/** @type {StartSink} */ sink) => sink.add(0, 1)
  showState(state, time = 0) {
    this.now = { state, time }
    this.slot.mask.set([1, state >= 5 ? 1 : 0, 1, state % 5 > 0 ? 1 : 0])
    for (const name of ['observation', 'observationId', 'stateId']) this.slot[name].fill(state)
    this.slot.truncated[0] = time < 50 ? 0 : 1
  }
  transitions(s, actions, /** @type {TransitionSink} */ sink) {
    for (const come of [0, 1, 2, 3])
      sink.add(next(s, actions, come), this.chance[come >> 1] * this.chance[come & 1], rewardsOf(s, actions), false)
  }
}

const create = ({ arrival }) => Object.assign(new Lights(), { chance: [1 - arrival, arrival] })
export default { name: 'lights', version: '1', schema, create }
