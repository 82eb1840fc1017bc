import { setImmediate } from 'node:timers/promises'
import type { LearnerGroup } from '#algorithms/learner.js'
import { StorageError } from '#env/errors.js'
import type { AgentViews, TransitionBatch } from '#env/transition-batch.js'
import type { Trial, TrialOutcome, TrialSurroundings } from './trial.js'

/** Time between looks at the clock, roughly. */
const CHUNK_MS = 25
const REPORT_MS = 500

/**
 * Trains the learners of some trials in step, each in its own environments from its own seed: act, step, update; evaluates at
 * evenly spaced steps, the first before any learning and the last after all of it. The trials differ in their seeds only,
 * and stand at the same step. One that fails ends alone.
 */
export class TrialRunner {
  readonly #trials: readonly Trial[]
  readonly #group: LearnerGroup
  readonly #around: TrialSurroundings
  readonly #views: readonly AgentViews[]
  readonly #transitions: readonly TransitionBatch[]
  readonly #actions: readonly Int32Array[]
  /** By trial, once it has ended. */
  readonly #outcomes: (TrialOutcome | undefined)[]
  #live: readonly Trial[]
  #vectorStep: number

  /** @param group - their learners, one a trial in order */
  constructor(trials: readonly Trial[], group: LearnerGroup, around: TrialSurroundings) {
    this.#trials = trials
    this.#live = trials
    this.#vectorStep = trials[0]!.vectorStep
    this.#around = around
    this.#views = trials.map(({ env }) => env.current)
    this.#transitions = trials.map(({ env }) => env.transition)
    this.#group = group
    this.#actions = trials.map(({ actions }) => actions)
    this.#outcomes = trials.map(() => undefined)
  }

  /**
   * Runs to the end, or until asked to stop. What the environment or the learner throw becomes a failed trial.
   * @returns the outcomes, one a trial
   * @throws StorageError when the run directory can't be written
   */
  async run(): Promise<readonly TrialOutcome[]> {
    const { members } = this.#group
    try {
      this.#each((trial, g) => trial.begin(members[g]!, members.length))
      const finished = await this.#train()
      this.#each((trial, g) => this.#end(g, finished ? trial.finish() : trial.suspend()))
    } catch (error) {
      if (error instanceof StorageError) throw error
      this.#each((_, g) => this.#fail(g, error))
    } finally {
      this.#group.dispose()
      for (const trial of this.#trials) trial.close()
    }
    return this.#outcomes.map((outcome) => outcome!)
  }

  /** @returns false when asked to stop before the end */
  async #train(): Promise<boolean> {
    const { now, stopRequested, checkpointSeconds } = this.#around
    let chunk = 1
    let lastReport = Number.NEGATIVE_INFINITY
    let lastCheckpoint = now()
    while (this.#live.length > 0) {
      const boundary = this.#live[0]!.nextEvaluation
      if (boundary === Number.POSITIVE_INFINITY) break
      if (this.#vectorStep === boundary) {
        if (this.#vectorStep === this.#live[0]!.vectorSteps) await this.#group.finish()
        await this.#group.settle()
        this.#each((trial) => trial.evaluate())
        continue
      }
      const began = now()
      await this.#advance(Math.min(chunk, boundary - this.#vectorStep))
      const time = now()
      if (time - began < CHUNK_MS) chunk *= 2
      else if (time - began > 4 * CHUNK_MS && chunk > 1) chunk >>= 1
      if (time - lastReport >= REPORT_MS) {
        for (const trial of this.#live) trial.report(time)
        lastReport = time
      }
      // Where a trial shares its thread, Ctrl-C is heard only between turns of the event loop.
      await setImmediate()
      const stops = stopRequested()
      const checkpoints = checkpointSeconds > 0 && time - lastCheckpoint >= 1000 * checkpointSeconds
      if (stops || checkpoints) await this.#group.settle()
      if (stops) return false
      if (!checkpoints) continue
      this.#each((trial) => trial.checkpoint())
      // Those of hundreds of seeds take a while: training goes on in between.
      lastCheckpoint = now()
    }
    return true
  }

  /** The hot loop. */
  async #advance(vectorSteps: number): Promise<void> {
    const group = this.#group
    const views = this.#views
    const transitions = this.#transitions
    const actions = this.#actions
    const trials = this.#trials
    const first = this.#vectorStep
    let done = 0
    try {
      for (; done < vectorSteps; done++) {
        const acting = group.act(views, actions)
        if (acting !== undefined) await acting
        for (let g = 0; g < trials.length; g++) {
          if (this.#outcomes[g] !== undefined) continue
          try {
            trials[g]!.step()
          } catch (error) {
            trials[g]!.vectorStep = first + done
            this.#fail(g, error)
          }
        }
        if (this.#live.length === 0) return
        const learning = group.update(transitions)
        if (learning !== undefined) await learning
      }
    } finally {
      this.#vectorStep = first + done
      for (const trial of this.#live) trial.vectorStep = this.#vectorStep
    }
  }

  /** Does something with every trial that goes on; one in which it fails ends alone. */
  #each(work: (trial: Trial, g: number) => void): void {
    this.#trials.forEach((trial, g) => {
      if (this.#outcomes[g] !== undefined) return
      try {
        work(trial, g)
      } catch (error) {
        if (error instanceof StorageError) throw error
        this.#fail(g, error)
      }
    })
  }

  #fail(g: number, error: unknown): void {
    this.#group.leave(g)
    this.#end(g, this.#trials[g]!.fail(error))
  }

  #end(g: number, outcome: TrialOutcome): void {
    this.#outcomes[g] = outcome
    this.#live = this.#live.filter((trial) => trial !== this.#trials[g])
  }
}
