import { Env, type EnvState } from '../env.js'
import { IllegalActionError, LifecycleError, StateError } from '../errors.js'
import type { CompiledExpression } from '../expression/reward-expression.js'
import type { StartSink, TransitionSink } from '../mdp/transition-sink.js'
import { Rng, type RngState } from '../rng.js'
import type { Slot } from '../slot.js'
import type { EnvSpec } from '../spec.js'
import type { RoutingPipelineConfig } from './config.js'
import { pipelineReward } from './pipeline-reward.js'
import { newProgress, PipelineRules, type Progress } from './pipeline-rules.js'
import { actionLabels, DONE, pipelineSpec, showEnd, showProgress } from './pipeline-view.js'
import { ASKED, COST, ENDED, FAILED_CALLS, HANDED_OVER, LATENCY, QUALITY, quantityNames, WAITED } from './quantities.js'

/**
 * A question passes through stages (understand, retrieve, write, check). At each the controller calls one of several agents, calls again,
 * goes on with the best outcome so far, asks the user once, or hands over to a person.
 *
 * State: stage, the grade it was entered with, the best grade reached in it, calls made in it, whether the user was asked, calls left,
 * and who of those that would only repeat themselves has answered; numbered as `PipelineRules` says. A grade is what is seen: a
 * confidence, bucketed.
 * Actions: the agents of the widest stage, then accept, ask, handOver; legal as `PipelineRules` says.
 * Observation: one-hots of stage, grade, best and who has answered, then calls over most in a stage, asked, calls left over most.
 * A call fails with its `failure`: its timeout is waited for and nothing paid. Else a grade is drawn from the agent's row, and price
 * and latency are paid. Accepting the last stage gives the answer, right with the chance `success`.
 * Reward: the config's expression over `quantities`. Start: a grade from `entry`. Terminates with the answer or a hand-over, at the latest
 * after one question back, `maxCalls` calls and one acceptance a stage.
 * Draws in this order: entry (reset); per call failure (only where above 0), then the grade; per ask the grade; at the end success.
 * Versions: 1, first.
 */
export class RoutingPipeline extends Env {
  readonly spec: EnvSpec
  readonly rules: PipelineRules
  readonly #config: RoutingPipelineConfig
  readonly #reward: CompiledExpression
  readonly #entry: Float64Array
  readonly #ask: readonly Float64Array[]
  readonly #progress: Progress = newProgress()
  /** Quantities of an outcome that a sink is told of, and its reward. */
  readonly #told = new Float64Array(quantityNames.length)
  readonly #rewards = new Float64Array(1)
  readonly #costs = new Float64Array(1)
  #slot: Slot | undefined
  #rng: Rng | undefined
  #done = false
  readonly #from: number | null
  #waitedMs = 0

  /** @param model - who can be reached, as of `PipelineRules`; and a state that every question begins in, in place of `entry` */
  constructor(
    config: RoutingPipelineConfig,
    { present = null, from = null }: { present?: readonly (readonly boolean[])[] | null; from?: number | null } = {},
  ) {
    super()
    const { ask } = config
    const rules = new PipelineRules(config, present)
    this.rules = rules
    this.#config = config
    this.#from = from
    this.#reward = pipelineReward(config)
    this.#entry = Float64Array.from(config.entry)
    this.#ask = (ask?.outcome ?? []).map((row) => Float64Array.from(row))
    this.spec = pipelineSpec(config, rules)
  }

  override bind(slot: Slot): void {
    this.#slot = slot
    slot.alive.fill(1)
    slot.elapsed[0] = 1
    slot.truncated[0] = 0
  }

  override reset(rng: Rng): void {
    const slot = this.#bound('reset')
    this.#rng = rng
    this.#done = false
    this.#waitedMs = 0
    this.rules.begin(this.#progress, rng.categorical(this.#entry))
    slot.reward.fill(0)
    slot.quantities.fill(0)
    this.#show(slot)
  }

  /**
   * @throws LifecycleError before the first reset
   * @throws IllegalActionError for an action that the mask forbids
   */
  override step(actions: Int32Array): void {
    const slot = this.#bound('step')
    const rng = this.#rng
    if (rng === undefined) throw new LifecycleError('routing-pipeline.step: call reset first')
    const { rules } = this
    const progress = this.#progress
    const { quantities: q } = slot
    for (let k = 0; k < q.length; k++) q[k] = 0
    const action = actions[0]!
    if (this.#done || !rules.isLegal(progress, action)) throw this.#illegal(action)
    if (action < rules.widest) this.#call(action, rng, q)
    else if (action === rules.ask) {
      q[ASKED] = 1
      rules.asked(progress, rng.categorical(this.#ask[progress.grade]!))
    } else if (action === rules.handOver) {
      q[HANDED_OVER] = 1
      this.#end(q)
    } else if (rules.isLast(progress)) {
      q[QUALITY] = rng.uniform() < rules.successOf(progress) ? 1 : 0
      this.#end(q)
    } else rules.advance(progress)
    slot.reward[0] = this.#reward(q)
    this.#show(slot)
  }

  override saveState(): EnvState {
    if (this.#rng === undefined) throw new LifecycleError('routing-pipeline.saveState: call reset first')
    const state = this.#done ? DONE : this.rules.numberOf(this.#progress)
    return { state, waitedMs: this.#waitedMs, rng: [...this.#rng.saveState()] }
  }

  override loadState(saved: EnvState): void {
    const { state, waitedMs, rng } = saved as { state: number; waitedMs: number; rng: RngState }
    if (!(Number.isInteger(state) && state >= 0 && state < this.spec.numStates && waitedMs >= 0)) {
      throw new StateError(
        `routing-pipeline: expected a saved state 0..${this.spec.numStates - 1} and the time waited, got ${state} and ${waitedMs}; it was saved from another configuration`,
      )
    }
    this.#rng ??= new Rng('')
    this.#rng.loadState(rng)
    this.showState(state)
    this.#waitedMs = waitedMs
  }

  override startStates(sink: StartSink): void {
    if (this.#from !== null) {
      sink.add(this.#from, 1)
      return
    }
    const progress = newProgress()
    this.#entry.forEach((probability, grade) => {
      this.rules.begin(progress, grade)
      if (probability > 0) sink.add(this.rules.numberOf(progress), probability)
    })
  }

  override showState(state: number): void {
    this.#done = state === DONE
    this.#waitedMs = 0
    this.rules.read(state, this.#progress)
    this.#show(this.#bound('showState'))
  }

  override transitions(state: number, jointAction: Int32Array, sink: TransitionSink): void {
    const { rules } = this
    const action = jointAction[0]!
    const now = this.#progress
    rules.read(state, now)
    const q = this.#told
    q.fill(0)
    if (action < rules.widest) this.#tellCall(state, action, sink)
    else if (action === rules.ask) {
      q[ASKED] = 1
      this.#ask[now.grade]!.forEach((probability, grade) => {
        rules.read(state, now)
        rules.asked(now, grade)
        this.#tell(sink, probability, rules.numberOf(now))
      })
    } else if (action === rules.handOver) {
      q[HANDED_OVER] = 1
      q[ENDED] = 1
      this.#tell(sink, 1, DONE)
    } else if (rules.isLast(now)) {
      const chance = rules.successOf(now)
      q[ENDED] = 1
      this.#tell(sink, 1 - chance, DONE)
      q[QUALITY] = 1
      this.#tell(sink, chance, DONE)
    } else {
      rules.advance(now)
      this.#tell(sink, 1, rules.numberOf(now))
    }
  }

  #tellCall(state: number, m: number, sink: TransitionSink): void {
    const { rules } = this
    const now = this.#progress
    const { failure, timeoutMs, price, latencyMs } = rules.stages[now.stage]!.agents[m]!
    const q = this.#told
    if (failure > 0) {
      q[LATENCY] = timeoutMs
      q[FAILED_CALLS] = 1
      rules.fail(now)
      this.#tell(sink, failure, rules.numberOf(now))
      rules.read(state, now)
    }
    q[LATENCY] = latencyMs
    q[FAILED_CALLS] = 0
    q[COST] = price
    rules.outcomeOf(now, m).forEach((probability, grade) => {
      rules.read(state, now)
      rules.answer(now, m, grade)
      this.#tell(sink, (1 - failure) * probability, rules.numberOf(now))
    })
  }

  #tell(sink: TransitionSink, probability: number, successor: number): void {
    if (probability <= 0) return
    this.#rewards[0] = this.#reward(this.#told)
    this.#costs[0] = this.#told[COST]!
    sink.add(successor, probability, this.#rewards, successor === DONE, 1, this.#costs)
  }

  #call(m: number, rng: Rng, q: Float64Array): void {
    const { rules } = this
    const progress = this.#progress
    const { failure, timeoutMs, price, latencyMs } = rules.stages[progress.stage]!.agents[m]!
    if (failure > 0 && rng.uniform() < failure) {
      rules.fail(progress)
      q[LATENCY] = timeoutMs
      q[FAILED_CALLS] = 1
    } else {
      rules.answer(progress, m, rng.categorical(rules.outcomeOf(progress, m)))
      q[COST] = price
      q[LATENCY] = latencyMs
    }
    this.#waitedMs += q[LATENCY]!
  }

  #end(q: Float64Array): void {
    q[ENDED] = 1
    q[WAITED] = this.#waitedMs
    this.#done = true
  }

  #illegal(action: number): IllegalActionError {
    const { stage, left } = this.#progress
    const name = actionLabels(this.#config)[action] ?? action
    const where = this.#done ? 'after the end' : `in stage ${this.rules.stages[stage]!.name} with ${left} calls left`
    return new IllegalActionError(`routing-pipeline: "${name}" is illegal ${where}; choose by the mask`)
  }

  #bound(where: string): Slot {
    if (this.#slot === undefined) throw new LifecycleError(`routing-pipeline.${where}: call bind first`)
    return this.#slot
  }

  #show(slot: Slot): void {
    if (this.#done) showEnd(slot)
    else showProgress(slot, this.rules, this.#progress)
  }
}
