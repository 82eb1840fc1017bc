/**
 * Threads that share Jacobi sweeps. The calling thread takes its share and waits for the others, so planning stays a plain
 * call; each value comes from the old ones alone, so that the answer has the same bits for any number of threads.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import {
  modifiedPolicyIteration,
  modifiedPolicyIterationPlanner,
  type SweepHands,
} from '#algorithms/planning/modified-policy-iteration.js'
import { JacobiSweeps, type PolicySweeps } from '#algorithms/planning/optimality-sweep.js'
import type { Planner } from '#algorithms/planning/planner.js'
import { CadreError, ModelError } from '#env/errors.js'
import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { type CrewMessage, control, sweepKind } from './crew-control.js'
import { shared, sharedMdp } from './shared-mdp.js'
import { takeChunks } from './take-chunks.js'

/** A worker has died if the last chunk of a sweep takes longer. */
const LAST_CHUNK_MS = 60_000

/** Worker threads that stand by between plans. They don't keep the process alive; `close` ends them at once. */
export class SweepCrew implements SweepHands {
  readonly threads: number
  readonly #workers: readonly Worker[]
  readonly #state: Int32Array

  private constructor(workers: readonly Worker[], state: Int32Array) {
    this.threads = workers.length + 1
    this.#workers = workers
    this.#state = state
  }

  /**
   * Starts `threads` - 1 workers beside the calling thread; some 50 ms.
   * @throws ModelError unless `threads` is an integer in 1..64
   * @throws CadreError when a worker can't start (from source: build first, workers run compiled files)
   */
  static async start(threads: number): Promise<SweepCrew> {
    if (!(Number.isInteger(threads) && threads >= 1 && threads <= 64)) {
      throw new ModelError(`SweepCrew: expected 1 to 64 threads, got ${threads}; give the number of processor cores`)
    }
    const file = import.meta.url.endsWith('.ts')
      ? new URL('../../dist/experiments/sweep-crew/sweep-worker.js', import.meta.url)
      : new URL('./sweep-worker.js', import.meta.url)
    const state = new Int32Array(new SharedArrayBuffer(4 * control.size))
    const workers = Array.from({ length: threads - 1 }, () => new Worker(file, { workerData: { control: state } }))
    try {
      await Promise.all(workers.map((worker) => once(worker, 'message')))
    } catch (cause) {
      await Promise.all(workers.map((worker) => worker.terminate()))
      throw new CadreError(
        'ERR_STATE',
        `SweepCrew: a worker couldn't start (${String(cause)}); build the package first`,
        {
          cause,
        },
      )
    }
    for (const worker of workers) worker.unref()
    return new SweepCrew(workers, state)
  }

  /** The crew's sweeps of a model. One at a time: those handed out before can't be used any more. */
  sweepsOf(mdp: TabularMdp, discount: number): PolicySweeps {
    const model = sharedMdp(mdp)
    const { numStates } = model
    const local = new JacobiSweeps(model, discount)
    const ids = new Map<Float64Array | Int32Array, number>()
    const state = this.#state
    this.#send({ model, discount })
    const known = <A extends Float64Array | Int32Array>(array: A): A => {
      const id = ids.size
      ids.set(array, id)
      this.#send({ id, array })
      return array
    }
    const sweep = (kind: number, value: Float64Array, next: Float64Array, policy: Int32Array) => {
      state[control.kind] = kind
      state[control.value] = ids.get(value)!
      state[control.next] = ids.get(next)!
      state[control.policy] = ids.get(policy)!
      this.#begin()
      takeChunks(state, local, numStates, value, next, policy)
      this.#finish()
    }
    return {
      newValues: () => known(shared(local.newValues())),
      newPolicy: () => known(shared(local.newPolicy())),
      optimal: (value, next, policy) => sweep(sweepKind.optimal, value, next, policy),
      ofPolicy: (value, next, policy) => sweep(sweepKind.ofPolicy, value, next, policy),
    }
  }

  /** Modified policy iteration by this crew, behind the contract of planners. */
  planner(): Planner {
    return {
      name: modifiedPolicyIterationPlanner.name,
      plan: (mdp, options) => modifiedPolicyIteration(mdp, { ...options, hands: this }),
    }
  }

  /** Ends the workers. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }

  #send(message: CrewMessage): void {
    for (const worker of this.#workers) worker.postMessage(message)
  }

  #begin(): void {
    const state = this.#state
    Atomics.store(state, control.chunk, 0)
    Atomics.store(state, control.working, this.#workers.length)
    Atomics.add(state, control.sweep, 1)
    Atomics.notify(state, control.sweep)
  }

  /** Waits until no worker is at its last chunk. */
  #finish(): void {
    const state = this.#state
    for (let left = Atomics.load(state, control.working); left > 0; left = Atomics.load(state, control.working)) {
      if (Atomics.wait(state, control.working, left, LAST_CHUNK_MS) === 'timed-out')
        Atomics.store(state, control.failed, 1)
      if (Atomics.load(state, control.failed) === 1) break
    }
    if (Atomics.load(state, control.failed) === 1) {
      throw new CadreError('ERR_STATE', 'SweepCrew: a worker failed in the middle of a sweep; start another crew')
    }
  }
}
