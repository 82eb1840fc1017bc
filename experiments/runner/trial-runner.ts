import { setImmediate } from 'node:timers/promises'
import { encodeBundle } from '#algorithms/bundle/policy-bundle.js'
import type { Learner, LearnerEntry } from '#algorithms/learner.js'
import { learners } from '#algorithms/learners.js'
import { CadreError, StorageError } from '#env/errors.js'
import type { Policy } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { VectorEnv } from '#env/vector-env.js'
import type { TrialResult } from '#results/store/trial-records.js'
import type { TrialLogs, TrialStore } from '#results/store/trial-store.js'
import { Evaluator } from '../evaluation/evaluator.js'
import { scoreHeldOut } from '../evaluation/held-out-routing.js'
import type { ModelCache } from '../evaluation/model-cache.js'
import { drawPolicy } from '../evaluation/policy-view.js'
import type { TrialPlan } from '../plan/trial-plan.js'
import type { OpenWorld } from '../worlds/world-cache.js'
import { checkActions } from './check-actions.js'
import { describePolicy } from './describe-policy.js'
import type { ProgressEvent } from './progress.js'
import { decodeCheckpoint, encodeCheckpoint } from './trial-checkpoint.js'

/** What a trial needs from outside: nothing of it changes its results. */
export interface TrialSurroundings {
  readonly store: TrialStore
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

/** Time between looks at the clock, roughly. */
const CHUNK_MS = 25
const REPORT_MS = 500

/**
 * Trains one learner in one environment from one seed: act, step, update; evaluates at evenly spaced steps, the first
 * before any learning and the last after all of it; writes logs, checkpoints, the policy, and last of all trial.json.
 */
export class TrialRunner {
  readonly #trial: TrialPlan
  readonly #entries: { readonly world: OpenWorld; readonly learner: LearnerEntry }
  readonly #around: TrialSurroundings
  readonly #env: VectorEnv
  readonly #learner: Learner
  readonly #policy: Policy
  readonly #evaluator: Evaluator
  readonly #vectorSteps: number
  readonly #actions: Int32Array
  readonly #checksActions: boolean
  #logs!: TrialLogs
  #vectorStep = 0
  #evaluations = 0
  #best: number | null = null
  #lastScore: number | null = null
  #secondsBefore = 0
  #startedAt = 0
  #startedStep = 0

  /** @throws what the environment, the learner or the evaluation refuse */
  constructor(trial: TrialPlan, entries: { world: OpenWorld; learner: LearnerEntry }, around: TrialSurroundings) {
    this.#trial = trial
    this.#entries = entries
    this.#checksActions = !learners.includes(entries.learner)
    this.#around = around
    const { seed, rows, steps, discount, environment, algorithm, evaluation } = trial
    const reads = entries.learner.observes ?? 'features'
    const actionReward = entries.learner.asksActionRewards?.(algorithm.config) ?? false
    const needs = { observation: reads === 'features', state: reads === 'features', actionReward }
    this.#env = new VectorEnv(() => entries.world.train.create(environment.config), rows, `${seed}/environment`, needs)
    this.#actions = new Int32Array(rows * this.#env.layout.agents)
    this.#vectorSteps = Math.ceil(steps / rows)
    this.#learner = entries.learner.create(
      { spec: this.#env.spec, discount, totalSteps: this.#vectorSteps * rows, rows, rng: new Rng(`${seed}/learner`) },
      algorithm.config,
    )
    this.#policy = this.#learner.policy()
    this.#evaluator = new Evaluator(entries.world.test, environment.config, { discount, ...evaluation }, around.models)
  }

  /**
   * Runs to the end, or until asked to stop. What the environment or the learner throw becomes a failed trial.
   * @throws StorageError when the run directory can't be written
   */
  async run(): Promise<TrialOutcome> {
    const { store } = this.#around
    store.prepare()
    store.removeResult()
    this.#logs = store.openLogs()
    try {
      this.#resume()
      this.#startedAt = this.#around.now()
      this.#startedStep = this.#vectorStep
      const finished = await this.#train()
      if (!finished) {
        this.#checkpoint()
        return { ...this.#result('done'), status: 'stopped' }
      }
      this.#savePolicy()
      return this.#end(this.#result('done'))
    } catch (error) {
      if (error instanceof StorageError) throw error
      return this.#end(this.#result('failed', error))
    } finally {
      for (const log of Object.values(this.#logs)) log.close()
    }
  }

  /** Goes on from the checkpoint, or empties the logs and starts. */
  #resume(): void {
    const { store } = this.#around
    const bytes = store.readCheckpoint()
    if (bytes === null) {
      for (const log of Object.values(this.#logs)) log.truncate(0)
      this.#env.reset()
      return
    }
    const saved = decodeCheckpoint(bytes, this.#trial.id, `${store.directory}/checkpoint/state.bin`)
    this.#logs.metrics.truncate(saved.logs.metrics)
    this.#logs.evaluations.truncate(saved.logs.evaluations)
    this.#logs.timing.truncate(saved.logs.timing)
    this.#env.loadState(saved.environment)
    this.#learner.loadState(saved.learner)
    this.#vectorStep = saved.vectorStep
    this.#evaluations = saved.evaluations
    this.#best = saved.best
    this.#lastScore = saved.lastScore
    this.#secondsBefore = saved.seconds
  }

  /** @returns false when asked to stop before the end */
  async #train(): Promise<boolean> {
    const { now, stopRequested, checkpointSeconds } = this.#around
    const { points } = this.#trial.evaluation
    let chunk = 1
    let lastReport = Number.NEGATIVE_INFINITY
    let lastCheckpoint = now()
    for (;;) {
      const boundary = Math.round((this.#evaluations * this.#vectorSteps) / points)
      if (this.#vectorStep === boundary) {
        this.#evaluate()
        if (this.#evaluations > points) return true
        continue
      }
      const began = now()
      this.#advance(Math.min(chunk, boundary - this.#vectorStep))
      const time = now()
      if (time - began < CHUNK_MS) chunk *= 2
      else if (time - began > 4 * CHUNK_MS && chunk > 1) chunk >>= 1
      if (time - lastReport >= REPORT_MS) {
        this.#report(time)
        lastReport = time
      }
      // Where a trial shares its thread, Ctrl-C is heard only between turns of the event loop.
      await setImmediate()
      if (stopRequested()) return false
      if (checkpointSeconds > 0 && time - lastCheckpoint >= 1000 * checkpointSeconds) {
        this.#checkpoint()
        lastCheckpoint = time
      }
    }
  }

  /** The hot loop. */
  #advance(vectorSteps: number): void {
    const env = this.#env
    const learner = this.#learner
    const actions = this.#actions
    const checked = this.#checksActions
    let done = 0
    try {
      for (; done < vectorSteps; done++) {
        learner.act(env, actions)
        if (checked) checkActions(env, actions)
        env.step(actions)
        learner.update(env, actions)
      }
    } finally {
      this.#vectorStep += done
    }
  }

  #evaluate(): void {
    const step = this.#vectorStep * this.#trial.rows
    const { score, method, episodes } = this.#evaluator.evaluate(this.#policy)
    this.#logs.evaluations.append({ step, score, method, episodes })
    if (this.#env.finishedEpisodes > 0) {
      const value = this.#env.finishedReturn / this.#env.finishedEpisodes
      this.#logs.metrics.append({ step, name: 'return', value })
      this.#logs.metrics.append({ step, name: 'episodes', value: this.#env.finishedEpisodes })
    }
    this.#env.clearCounters()
    this.#logs.timing.append({ step, seconds: this.#seconds() })
    this.#evaluations++
    this.#lastScore = score
    this.#best = this.#best === null ? score : Math.max(this.#best, score)
  }

  #checkpoint(): void {
    for (const log of Object.values(this.#logs)) log.flush()
    const { metrics, evaluations, timing } = this.#logs
    this.#around.store.writeCheckpoint(
      encodeCheckpoint({
        trial: this.#trial.id,
        vectorStep: this.#vectorStep,
        evaluations: this.#evaluations,
        best: this.#best,
        lastScore: this.#lastScore,
        seconds: this.#seconds(),
        logs: { metrics: metrics.length, evaluations: evaluations.length, timing: timing.length },
        environment: this.#env.saveState(),
        learner: this.#learner.saveState(),
      }),
    )
  }

  #savePolicy(): void {
    const { world } = this.#entries
    const { store } = this.#around
    // Policies of folds are judged; the one to serve learns from all rows.
    const stored = this.#trial.fold === null ? this.#policy.export?.() : undefined
    if (stored !== undefined) {
      const described = describePolicy(this.#trial, this.#env.spec, this.#policy, {
        score: this.#lastScore!,
        best: this.#best!,
      })
      store.writePolicy(encodeBundle(described, stored, world.data?.encoder))
    }
    if (this.#trial.fold !== null && world.data !== null) {
      const score = scoreHeldOut(this.#policy, this.#env.spec, world.data.heldOut, this.#trial.fold.index)
      store.writeRouting({ format: 'cadre-routing/1', fold: this.#trial.fold.index, score })
    }
    const view = drawPolicy(world.test, this.#trial.environment.config, this.#policy)
    if (view !== null) store.writePolicyView(view)
  }

  #result(status: TrialResult['status'], error?: unknown): TrialResult {
    const { id, algorithm, environment, fold, seed, rows } = this.#trial
    const steps = this.#vectorStep * rows
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
      ...(error === undefined ? {} : { error: describeFailure(error, `after ${steps} steps: `) }),
    }
  }

  #end(result: TrialResult): TrialResult {
    const { store } = this.#around
    for (const log of Object.values(this.#logs)) log.flush()
    store.writeResult(result)
    store.removeCheckpoint()
    return result
  }

  #seconds(): number {
    return this.#secondsBefore + (this.#around.now() - this.#startedAt) / 1000
  }

  #report(time: number): void {
    const { id, algorithm, environment, seed, rows } = this.#trial
    const perSecond = ((this.#vectorStep - this.#startedStep) * rows * 1000) / Math.max(1, time - this.#startedAt)
    this.#around.report({
      type: 'trial',
      id,
      algorithm: algorithm.label,
      environment: environment.label,
      seed,
      step: this.#vectorStep * rows,
      steps: this.#vectorSteps * rows,
      score: this.#lastScore,
      stepsPerSecond: perSecond,
      secondsLeft: ((this.#vectorSteps - this.#vectorStep) * rows) / perSecond,
    })
  }
}

/**
 * Code and message of what ended a trial; errors that aren't ours keep their name.
 * @param when - put before the message
 */
export function describeFailure(error: unknown, when = ''): { code: string; message: string } {
  const code = error instanceof CadreError ? error.code : error instanceof Error ? error.name : 'UNKNOWN'
  return { code, message: `${when}${error instanceof Error ? error.message : String(error)}` }
}
