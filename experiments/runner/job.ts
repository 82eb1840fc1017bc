import type { TrialPlan } from '../plan/trial-plan.js'
import type { ReferenceResult, ReferenceTask } from './references.js'
import type { TrialOutcome } from './trial.js'

/**
 * The contract of those who carry a run's work out: threads of this process, this thread, or a queue of many machines. A job
 * and its result are plain data. A job names no folder: where trials are stored is the affair of whoever carries it out. It may
 * be carried out twice, and the second time goes on from what is stored.
 */

/** Trainings that differ in their seeds only; one, unless they learn on tensors. */
export interface TrialsJob {
  readonly kind: 'trials'
  readonly trials: readonly TrialPlan[]
  readonly checkpointSeconds: number
}

/** What the learners of one environment are held against, on one fold where there are any. */
export interface ReferencesJob {
  readonly kind: 'references'
  readonly task: ReferenceTask
}

export type Job = TrialsJob | ReferencesJob

/** Of trials: their outcomes, in order. Of references: null where they weren't begun, as the run was asked to stop. */
export type JobResult<J extends Job = Job> = J extends TrialsJob ? readonly TrialOutcome[] : ReferenceResult | null

/** Carries jobs out, beginning them in the order they come, several at a time. */
export interface JobPool {
  /** @throws StorageError when nothing can be stored, and whatever ends the one who carries it out */
  run<J extends Job>(job: J): Promise<JobResult<J>>
  close(): Promise<void>
}
