import type { GroupMember, LearnerContext, LearnerEntry } from '#algorithms/learner.js'
import { learners } from '#algorithms/learners.js'
import { environments } from '#env/environments.js'
import type { Policy, PolicyExport } from '#env/policy.js'
import { VectorEnv } from '#env/vector-env.js'
import type { TrialResult } from '#results/store/trial-records.js'
import type { TrialLogs, TrialStore } from '#results/store/trial-store.js'
import { Evaluator } from '../evaluation/evaluator.js'
import { GreedyPolicy } from '../evaluation/greedy-policy.js'
import { scoreHeldOut } from '../evaluation/held-out-routing.js'
import type { ModelCache } from '../evaluation/model-cache.js'
import { drawPolicy } from '../evaluation/policy-view.js'
import type { TrialPlan } from '../plan/trial-plan.js'
import type { OpenWorld } from '../worlds/world-cache.js'
import { checkActions } from './check-actions.js'
import { checkNumbers } from './check-numbers.js'
import { describeFailure } from './describe-failure.js'
import { describePolicy } from './describe-policy.js'
import { GrownParts } from './grown-parts.js'
import { learnerContext } from './learner-context.js'
import { makeBundle } from './make-bundle.js'
import type { ProgressEvent } from './progress.js'
import { decodeCheckpoint, encodeCheckpoint, type TrialCheckpoint } from './trial-checkpoint.js'

/** What trials need from outside: nothing of it changes their results. */
export interface TrialSurroundings {
  readonly models: ModelCache
  readonly checkpointSeconds: number
  /** Milliseconds; decides when to report and to write checkpoints. */
  now(): number
  /** Whether to stop at the next chance, leaving a checkpoint. */
  stopRequested(): boolean
  report(event: ProgressEvent): void
}

/** A trial's end as the runner sees it; `stopped` leaves a checkpoint and no trial.json. */
export type TrialOutcome = Omit<TrialResult, 'status'> & { readonly status: TrialResult['status'] | 'stopped' }

/** What a trial is made from, looked up. */
export interface TrialEntries {
  readonly world: OpenWorld
  readonly learner: LearnerEntry
}

/**
 * One trial: its environments, its evaluations and all that it writes down. Who learns, and when, is the runner's affair: it
 * hands the learner over, and calls in the order begin, then evaluate and step over and over, then finish, fail or suspend.
 */
export class Trial {
  readonly plan: TrialPlan
  readonly env: VectorEnv
  /** i32 [E, N, H] */
  readonly actions: Int32Array
  /** Steps of the vectorised environment: of the whole training, and taken so far. */
  readonly vectorSteps: number
  vectorStep = 0
  readonly #entries: TrialEntries
  readonly #store: TrialStore
  readonly #around: TrialSurroundings
  readonly #evaluator: Evaluator
  readonly #grown: GrownParts
  readonly #checksActions: boolean
  readonly #checksNumbers: boolean
  /** What to go on from; null once it has begun. */
  #saved: TrialCheckpoint | null
  #member!: GroupMember
  /** As it is stored, and as it is judged. */
  #policy!: Policy
  #judged!: Policy
  #logs!: TrialLogs
  #evaluations = 0
  #best: number | null = null
  #lastScore: number | null = null
  /** Why its policy could not be saved. */
  #unsaved: string | null = null
  #sharers = 1
  #secondsBefore = 0
  #startedAt = 0
  #startedStep = 0

  /**
   * @throws what the environment or the evaluation refuse
   * @throws StateError when its checkpoint can't be read
   */
  constructor(plan: TrialPlan, entries: TrialEntries, store: TrialStore, around: TrialSurroundings) {
    this.plan = plan
    this.#entries = entries
    this.#store = store
    this.#around = around
    this.#grown = new GrownParts(store)
    const { name, sha256 } = plan.environment
    this.#checksNumbers = sha256 !== null || !environments.some((shipped) => shipped.name === name)
    this.#checksActions = this.#checksNumbers || !learners.includes(entries.learner)
    const { seed, rows, steps, discount, environment, algorithm, evaluation } = plan
    const needs = entries.learner.needs?.(algorithm.config) ?? {}
    this.env = new VectorEnv(() => entries.world.train.create(environment.config), rows, `${seed}/environment`, needs)
    this.actions = new Int32Array(rows * this.env.layout.actionsOf.length)
    this.vectorSteps = Math.ceil(steps / rows)
    this.#evaluator = new Evaluator(entries.world.test, environment.config, { discount, ...evaluation }, around.models)
    store.prepare()
    store.removeResult()
    const bytes = store.readCheckpoint()
    this.#saved = bytes === null ? null : decodeCheckpoint(bytes, plan.id, `${store.directory}/checkpoint/state.bin`)
    this.vectorStep = this.#saved?.vectorStep ?? 0
  }

  /** What its learner is made from. */
  learnerContext(): LearnerContext {
    return learnerContext(this.plan, this.env.spec)
  }

  /**
   * Goes on from the checkpoint, or empties the logs and starts.
   * @param member - the learner, as it was made
   * @param sharers - trials that learn in step, this one included: each has its share of the time
   */
  begin(member: GroupMember, sharers: number): void {
    this.#sharers = sharers
    this.#logs = this.#store.openLogs()
    this.#member = member
    this.#policy = member.policy()
    const drawsCount = this.plan.evaluation.act === 'sampled' || this.#policy.probabilities === undefined
    this.#judged = drawsCount ? this.#policy : new GreedyPolicy(this.#policy)
    const saved = this.#saved
    this.#saved = null
    if (saved === null) {
      for (const log of Object.values(this.#logs)) log.truncate(0)
      this.env.reset()
      if (this.#checksNumbers) checkNumbers(this.env.spec, this.env.current)
    } else {
      this.#logs.metrics.truncate(saved.logs.metrics)
      this.#logs.evaluations.truncate(saved.logs.evaluations)
      this.#logs.timing.truncate(saved.logs.timing)
      this.env.loadState(saved.environment)
      member.loadState({ ...saved.learner, added: this.#grown.read(saved.grown) })
      this.#evaluations = saved.evaluations
      this.#best = saved.best
      this.#lastScore = saved.lastScore
      this.#secondsBefore = saved.seconds
    }
    this.#startedAt = this.#around.now()
    this.#startedStep = this.vectorStep
  }

  /** The vector step at which the next evaluation is due; beyond the end once all are done. */
  get nextEvaluation(): number {
    const { points } = this.plan.evaluation
    if (this.#evaluations > points) return Number.POSITIVE_INFINITY
    return Math.round((this.#evaluations * this.vectorSteps) / points)
  }

  /** One vectorised step with the actions that the learner chose. */
  step(): void {
    if (this.#checksActions) checkActions(this.env, this.actions)
    this.env.step(this.actions)
    if (!this.#checksNumbers) return
    checkNumbers(this.env.spec, this.env.transition.after, this.env.transition.terminated)
    checkNumbers(this.env.spec, this.env.current)
  }

  evaluate(): void {
    const step = this.vectorStep * this.plan.rows
    const { score, method, episodes } = this.#evaluator.evaluate(this.#judged)
    this.#logs.evaluations.append({ step, score, method, episodes, act: this.plan.evaluation.act })
    if (this.env.finishedEpisodes > 0) {
      const value = this.env.finishedReturn / this.env.finishedEpisodes
      this.#logs.metrics.append({ step, name: 'return', value })
      this.#logs.metrics.append({ step, name: 'episodes', value: this.env.finishedEpisodes })
    }
    for (const [name, value] of Object.entries(this.#member.metrics?.() ?? {})) {
      if (Number.isFinite(value)) this.#logs.metrics.append({ step, name, value })
    }
    this.env.clearCounters()
    this.#logs.timing.append({ step, seconds: this.#seconds() })
    this.#evaluations++
    this.#lastScore = score
    this.#best = this.#best === null ? score : Math.max(this.#best, score)
  }

  checkpoint(): void {
    for (const log of Object.values(this.#logs)) log.flush()
    const { metrics, evaluations, timing } = this.#logs
    const learner = this.#member.saveState()
    this.#grown.append(learner.added ?? {})
    this.#store.writeCheckpoint(
      encodeCheckpoint({
        trial: this.plan.id,
        vectorStep: this.vectorStep,
        evaluations: this.#evaluations,
        best: this.#best,
        lastScore: this.#lastScore,
        seconds: this.#seconds(),
        logs: { metrics: metrics.length, evaluations: evaluations.length, timing: timing.length },
        environment: this.env.saveState(),
        learner,
        grown: this.#grown.parts,
      }),
    )
  }

  /** The end of training: what was learned is stored, and trial.json written. */
  finish(): TrialOutcome {
    this.#savePolicy()
    return this.#end(this.#result('done'))
  }

  /** The end by an error, of the environment or the learner: written down as the trial's own. */
  fail(error: unknown): TrialOutcome {
    return this.#end(this.#result('failed', error))
  }

  /** The end for now: to be gone on with from a checkpoint. */
  suspend(): TrialOutcome {
    this.checkpoint()
    return { ...this.#result('done'), status: 'stopped' }
  }

  /** Frees the logs' files. */
  close(): void {
    for (const log of Object.values(this.#logs ?? {})) log.close()
  }

  report(time: number): void {
    const { id, algorithm, environment, seed, rows } = this.plan
    const perSecond = ((this.vectorStep - this.#startedStep) * rows * 1000) / Math.max(1, time - this.#startedAt)
    this.#around.report({
      type: 'trial',
      id,
      algorithm: algorithm.label,
      environment: environment.label,
      seed,
      step: this.vectorStep * rows,
      steps: this.vectorSteps * rows,
      score: this.#lastScore,
      stepsPerSecond: perSecond,
      secondsLeft: ((this.vectorSteps - this.vectorStep) * rows) / perSecond,
    })
  }

  #savePolicy(): void {
    const { world } = this.#entries
    // Policies of folds are judged; the one to serve learns from all rows.
    if (this.plan.fold === null) {
      const scores = { score: this.#lastScore!, best: this.#best! }
      const { spec } = this.env
      const describe = (stored: PolicyExport) => describePolicy(this.plan, spec, this.#policy, stored, scores)
      const made = makeBundle(this.#policy, this.#entries.learner, spec, describe, world.data?.encoder)
      if ('files' in made) this.#store.writePolicy(made.files)
      else this.#unsaved = made.unsaved
    }
    if (this.plan.fold !== null && world.data !== null) {
      const score = scoreHeldOut(this.#judged, this.env.spec, world.data.heldOut, this.plan.fold.index)
      this.#store.writeRouting({ format: 'cadre-routing/1', fold: this.plan.fold.index, score })
    }
    const view = drawPolicy(world.test, this.plan.environment.config, this.#judged, this.#evaluator)
    if (view !== null) this.#store.writePolicyView(view)
  }

  #result(status: TrialResult['status'], error?: unknown): TrialResult {
    const { id, algorithm, environment, fold, seed, rows } = this.plan
    const steps = this.vectorStep * rows
    return {
      format: 'cadre-trial/1',
      id,
      algorithm: algorithm.label,
      environment: environment.label,
      seed,
      ...(fold === null ? {} : { fold: fold.index }),
      status,
      steps,
      final: status === 'done' ? this.#lastScore : null,
      best: this.#best,
      ...(this.#unsaved === null ? {} : { unsaved: this.#unsaved }),
      ...(error === undefined ? {} : { error: describeFailure(error, `after ${steps} steps: `) }),
    }
  }

  #end(result: TrialResult): TrialResult {
    for (const log of Object.values(this.#logs)) log.flush()
    this.#store.writeResult(result)
    this.#store.removeCheckpoint()
    return result
  }

  #seconds(): number {
    return this.#secondsBefore + (this.#around.now() - this.#startedAt) / 1000 / this.#sharers
  }
}
