import type { FactoredModel } from '../mdp/factored-model.js'
import type { StartSink, TransitionSink } from '../mdp/transition-sink.js'
import { arrivalLaw } from './arrival-law.js'
import { type RoutingDispatchConfig, resolveInstance } from './config.js'
import { factoredDispatch } from './factored.js'
import { addOutcomes, type DispatchModel } from './outcomes.js'
import { SampledDispatch } from './sampled-dispatch.js'
import { decodeState } from './state-index.js'

/** Contents of the inbox beyond which it is no factor: its matrix would be too large. */
const MOST_CONTENTS = 4096

/** A team whose states are few enough to number and say all that matters: it declares its exact model. */
export class RoutingDispatch extends SampledDispatch {
  readonly #model: DispatchModel
  readonly #config: RoutingDispatchConfig

  constructor(config: RoutingDispatchConfig) {
    super(config)
    const { agents, types } = resolveInstance(config)
    const { index, rules, spec } = this
    this.#config = config
    this.#model = {
      index,
      agents,
      rules,
      arrivals: arrivalLaw(types, config.arrivals, rules.places)!,
      deciders: spec.agents.length,
    }
  }

  override startStates(sink: StartSink): void {
    sink.add(0, 1)
  }

  override showState(state: number): void {
    const { index } = this
    this.restart()
    const inbox = decodeState(index, state, this.state.queue, this.state.down)
    this.state.waiting = index.inbox!.read(inbox, this.state.type, this.state.left)
    for (let k = 0; k < this.state.waiting; k++) this.state.arrival[k] = k
    this.state.arrived = this.state.waiting
    this.writeView()
  }

  override transitions(state: number, jointAction: Int32Array, sink: TransitionSink): void {
    this.showState(state)
    const claims = this.view.readClaims(jointAction)
    addOutcomes(this.#model, this.state, [...this.view.claimants.subarray(0, claims)], sink)
  }

  override factoredModel(): FactoredModel | undefined {
    if (this.index.inboxSize > MOST_CONTENTS) return undefined
    return factoredDispatch(this.#model, this.#config)
  }
}
