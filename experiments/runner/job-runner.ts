import { setImmediate } from 'node:timers/promises'
import { requireMethods } from '#algorithms/conformance/learner-methods.js'
import { groupOfOne } from '#algorithms/group-of-one.js'
import type { LearnerEntry, LearnerGroup } from '#algorithms/learner.js'
import { openBackend, type TensorBackend } from '#algorithms/tensor/backend.js'
import { StorageError } from '#env/errors.js'
import type { TrialStore } from '#results/store/trial-store.js'
import { ModelCache } from '../evaluation/model-cache.js'
import { backendOptions } from '../plan/backend-options.js'
import type { TrialPlan } from '../plan/trial-plan.js'
import { describeFailure } from './describe-failure.js'
import type { Entries } from './entries.js'
import type { Job, JobResult, ReferencesJob, TrialsJob } from './job.js'
import { learnerContext } from './learner-context.js'
import type { ProgressEvent } from './progress.js'
import { computeReferences, type ReferenceResult } from './references.js'
import type { StopSignal } from './stop-signal.js'
import { Trial, type TrialOutcome } from './trial.js'
import { TrialRunner } from './trial-runner.js'

/** What jobs need from outside: nothing of it changes their results. */
export interface JobSurroundings {
  readonly entries: Entries
  /** Where a trial is stored, by its id. */
  storeOf(trial: string): TrialStore
  readonly stop: StopSignal
  report(event: ProgressEvent): void
}

/** Carries jobs out in this thread. */
export class JobRunner {
  readonly #around: JobSurroundings
  readonly #models = new ModelCache()

  constructor(around: JobSurroundings) {
    this.#around = around
  }

  /** @throws StorageError when nothing can be stored, and whatever references fail with */
  async run<J extends Job>(job: J): Promise<JobResult<J>> {
    // The compiler doesn't tie the kind of a job to that of its result.
    return (await (job.kind === 'references' ? this.#runReferences(job) : this.#runTrials(job))) as JobResult<J>
  }

  async #runReferences({ task }: ReferencesJob): Promise<ReferenceResult | null> {
    return this.#around.stop.requested ? null : computeReferences(task, this.#around.entries, this.#models)
  }

  async #runTrials({ trials: plans, checkpointSeconds }: TrialsJob): Promise<readonly TrialOutcome[]> {
    const { entries, storeOf, stop, report } = this.#around
    if (stop.requested) return plans.map((plan) => unfinished(plan, 'stopped'))
    const { environment, fold, algorithm, tensors } = plans[0]!
    const world = await entries.world(environment, fold)
    const learner = await entries.learner(algorithm)
    const backend = tensors === null ? null : await openBackend(tensors, backendOptions())
    const around = {
      models: this.#models,
      checkpointSeconds,
      now: () => performance.now(),
      stopRequested: () => stop.requested,
      report,
    }
    const outcomes = new Map<string, TrialOutcome>()
    const attempt = async (some: readonly TrialPlan[], work: () => void | Promise<void>) => {
      try {
        await work()
      } catch (error) {
        if (error instanceof StorageError) throw error
        for (const plan of some) {
          const store = storeOf(plan.id)
          store.prepare()
          const failed = { ...unfinished(plan, 'failed'), error: describeFailure(error), status: 'failed' as const }
          store.writeResult(failed)
          outcomes.set(plan.id, failed)
        }
      }
    }
    if (backend !== null) {
      // Tables of all seeds are large before anything else is: what is too large is told before environments are made.
      const { spec } = world.train.create(environment.config)
      const contexts = plans.map((plan) => learnerContext(plan, spec))
      await attempt(plans, async () => (await learner.forms.tensors!(contexts, algorithm.config, backend)).dispose())
      if (outcomes.size > 0) return plans.map(({ id }) => outcomes.get(id)!)
    }
    // Those that were stopped at different steps learn by themselves; that changes no result.
    const atStep = new Map<number, Trial[]>()
    for (const plan of plans) {
      if (plans.length > 1) await setImmediate()
      if (stop.requested) {
        outcomes.set(plan.id, unfinished(plan, 'stopped'))
        continue
      }
      await attempt([plan], () => {
        const trial = new Trial(plan, { world, learner }, storeOf(plan.id), around)
        atStep.set(trial.vectorStep, [...(atStep.get(trial.vectorStep) ?? []), trial])
      })
    }
    for (const trials of atStep.values()) {
      const some = trials.map(({ plan }) => plan)
      await attempt(some, async () => {
        const found = stop.requested
          ? some.map((plan) => unfinished(plan, 'stopped'))
          : await new TrialRunner(trials, await makeGroup(learner, trials, backend), around).run()
        for (const outcome of found) outcomes.set(outcome.id, outcome)
      })
    }
    return plans.map(({ id }) => outcomes.get(id)!)
  }
}

/**
 * The learners of some trials that differ in their seeds only.
 * @param backend - where tensors live; null for arrays, which are of one trial
 * @throws what the learner refuses
 */
async function makeGroup(
  learner: LearnerEntry,
  trials: readonly Trial[],
  backend: TensorBackend | null,
): Promise<LearnerGroup> {
  const contexts = trials.map((trial) => trial.learnerContext())
  const { config } = trials[0]!.plan.algorithm
  if (backend !== null) return learner.forms.tensors!(contexts, config, backend)
  return groupOfOne(requireMethods(learner.name, await learner.forms.arrays!(contexts[0]!, config)))
}

/** A trial that got no further than its plan. */
export function unfinished(plan: TrialPlan, status: TrialOutcome['status']): TrialOutcome {
  return {
    format: 'cadre-trial/1',
    id: plan.id,
    algorithm: plan.algorithm.label,
    environment: plan.environment.label,
    seed: plan.seed,
    status,
    steps: 0,
    final: null,
    best: null,
  }
}
