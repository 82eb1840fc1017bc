import type { ProgressEvent } from '../../runner/progress.js'

export type TrialProgress = Extract<ProgressEvent, { type: 'trial' }>

/** What a run is known to be doing, gathered from its events. */
export class RunState {
  readonly total: number
  /** Trials that run now, by id, in the order in which they began. */
  readonly running = new Map<string, TrialProgress>()
  done = 0
  failed = 0
  stopped = 0
  /** Whether anything has happened yet. */
  begun = false
  readonly #stepsLeft: Map<string, number>

  /** @param trials - those still to be run */
  constructor(trials: readonly { readonly id: string; readonly steps: number }[]) {
    this.total = trials.length
    this.#stepsLeft = new Map(trials.map(({ id, steps }) => [id, steps]))
  }

  accept(event: ProgressEvent): void {
    this.begun = true
    if (event.type === 'trial') {
      this.running.set(event.id, event)
      this.#stepsLeft.set(event.id, event.steps - event.step)
    } else if (event.type === 'trial-done') {
      this.running.delete(event.id)
      this.#stepsLeft.delete(event.id)
      this[event.status]++
    }
  }

  /** Seconds until all trials are done at the present pace; NaN before any pace is known. */
  get secondsLeft(): number {
    let pace = 0
    for (const trial of this.running.values()) if (saysPace(trial)) pace += trial.stepsPerSecond
    let steps = 0
    for (const left of this.#stepsLeft.values()) steps += left
    return pace > 0 ? steps / pace : Number.NaN
  }
}

/** The first steps of a trial say little about its pace: estimates of time wait for more. */
export function saysPace({ step, steps }: TrialProgress): boolean {
  return step >= 0.01 * steps
}
