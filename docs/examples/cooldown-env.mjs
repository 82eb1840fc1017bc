/** @import { EnvSpec, Slot, StartSink, TransitionSink } from 'cadre/env' */
import { box, discrete, Env, Rng } from 'cadre/env'
import { z } from 'zod'

const schema = z.strictObject({ hard: z.number().gt(0).lt(1).default(0.5).describe('chance that a question is hard') })
const agent = { observation: box(2, 0, 2), action: discrete(2, ['pass', 'answer']), numObservations: 6 }

/** What clerk and expert earn; a clerk who answers what the expert answers too loses 1. @type {(s: number, a: Int32Array) => number[]} */
const rewardsOf = (s, [clerk, expert]) => [clerk * (s % 2 ? -2 : expert ? -1 : 1), expert * (s % 2 ? 3 : 1)]
/** Steps until the expert is back, after this one. @type {(s: number, a: Int32Array) => number} */
const nextWait = (s, [, expert]) => (s > 1 ? (s >> 1) - 1 : 2 * expert)

/**
 * A clerk and an expert see a question, easy or hard; the first is easy. The clerk can answer easy ones only. Whenever the expert
 * has answered it is away for two steps, as at a rate limit. State: 2 * steps until it is back + whether the question is hard.
 */
class Cooldown extends Env {
  /** @type {EnvSpec} */
  spec = {
    ...{ id: 'cooldown', version: '1', numStates: 6, stateSize: 0, quantities: [], limitSteps: 50 },
    agents: ['clerk', 'expert'].map((name) => ({ name, ...agent })),
    score: { aggregate: 'team-sum', over: 'episode' },
    open: true,
  }
  now = { state: 0, time: 0 }
  rng = new Rng('')
  chance = [1, 0]
  bind(/** @type {Slot} */ slot) {
    this.slot = slot
  }
  reset(/** @type {Rng} */ rng) {
    this.rng = rng
    this.slot.reward.fill(0)
    this.showState(0)
  }
  step(/** @type {Int32Array} */ a) {
    this.slot.reward.set(rewardsOf(this.now.state, a))
    this.showState(2 * nextWait(this.now.state, a) + Number(this.rng.uniform() < this.chance[1]), this.now.time + 1)
  }
  saveState = () => ({ ...this.now, rng: this.rng.saveState() })
  loadState(saved) {
    this.rng.loadState(saved.rng)
    this.showState(saved.state, saved.time)
  }
  startStates = (/** @type {StartSink} */ sink) => sink.add(0, 1)
  showState(state, time = 0) {
    this.now = { state, time }
    const [hard, wait, here] = [state % 2, state >> 1, state < 2 ? 1 : 0]
    this.slot.alive.set([1, here])
    this.slot.mask.set([1, 1, here, here])
    if (this.slot.observation.length > 0) this.slot.observation.set([hard, wait, hard, wait])
    for (const name of ['observationId', 'stateId']) this.slot[name].fill(state)
    this.slot.truncated[0] = time < 50 ? 0 : 1
  }
  transitions(s, a, /** @type {TransitionSink} */ sink) {
    for (const hard of [0, 1]) sink.add(2 * nextWait(s, a) + hard, this.chance[hard], rewardsOf(s, a), false)
  }
}
const create = ({ hard }) => Object.assign(new Cooldown(), { chance: [1 - hard, hard] })
export default { name: 'cooldown', version: '1', schema, create }
