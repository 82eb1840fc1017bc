import { Env, type EnvState } from '#env/env.js'
import { Rng, type RngState } from '#env/rng.js'
import type { Slot } from '#env/slot.js'
import { box, discrete } from '#env/space.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'
import type { EnvSpec } from '#env/spec.js'

const ROWS = 40
const TOPICS = 3

/**
 * Sparse features of 40 queries: column 0..2 their topic (row % 3), and three of 20 other columns that mean nothing.
 * Values are exact in single precision.
 */
function queries(): SparseMatrix {
  const rng = new Rng('queries')
  const index: number[] = []
  const rowStart = [0]
  for (let row = 0; row < ROWS; row++) {
    const noise = new Set(Array.from({ length: 3 }, () => TOPICS + rng.integer(20)))
    index.push(row % TOPICS, ...[...noise].sort((a, b) => a - b))
    rowStart.push(index.length)
  }
  return {
    rows: ROWS,
    columns: TOPICS + 20,
    rowStart: Int32Array.from(rowStart),
    index: Int32Array.from(index),
    value: Float32Array.from(index, (column) => (column < TOPICS ? 1 : 0.5)),
  }
}

const features = queries()

/**
 * A contextual bandit on sparse features with a known best action, for tests. Every agent draws a query of its own; the
 * action of the query's topic (0, 1 or 2) earns 1, the others 0, and what each would have earned is told. Where the query's number is
 * a multiple of 5, the next action after the best one is illegal.
 *
 * With `steps: 2` the query hides first: agents see the observation 1 and no features, action 0 earns 0.25 for good (all
 * others 0), and the query shows in the second step (observation 0). The best first action is 0; what the whole is worth is
 * 0.25 + gamma. What the first step's other actions would have brought isn't told: they are followed by the second step.
 */
export class FeatureEnv extends Env {
  readonly spec: EnvSpec
  override readonly features = features
  readonly #steps: number
  #slot!: Slot
  #rng!: Rng
  #query: Int32Array
  #step = 0

  constructor({ agents = 2, steps = 1 }: { agents?: number; steps?: 1 | 2 } = {}) {
    super()
    this.#steps = steps
    this.#query = new Int32Array(agents)
    this.spec = {
      id: 'feature-env',
      version: '1',
      agents: Array.from({ length: agents }, (_, i) => ({
        name: `agent-${i}`,
        observation: box(1, 0, 1),
        action: discrete(TOPICS, ['zero', 'one', 'two']),
        numObservations: 0,
        numFeatures: features.columns,
      })),
      numStates: 0,
      stateSize: 0,
      quantities: [],
      score: { aggregate: 'agent-mean', over: 'episode' },
      limitSteps: null,
      knowsActionRewards: true,
    }
  }

  override bind(slot: Slot): void {
    this.#slot = slot
    slot.alive.fill(1)
    slot.elapsed[0] = 1
  }

  override reset(rng: Rng): void {
    this.#rng = rng
    this.#step = 0
    for (let i = 0; i < this.#query.length; i++) this.#query[i] = rng.integer(ROWS)
    this.#slot.reward.fill(0)
    this.#write()
  }

  override step(actions: Int32Array): void {
    const { reward, actionReward } = this.#slot
    const hidden = this.#hidden()
    this.#query.forEach((query, i) => {
      const earns = (a: number) => (hidden ? (a === 0 ? 0.25 : 0) : a === query % TOPICS ? 1 : 0)
      reward[i] = earns(actions[i]!)
      if (actionReward.length === 0) return
      for (let a = 0; a < TOPICS; a++) actionReward[i * TOPICS + a] = hidden ? Number.NaN : earns(a)
    })
    this.#step++
    this.#write()
  }

  override saveState(): EnvState {
    return { query: [...this.#query], step: this.#step, rng: [...this.#rng.saveState()] }
  }

  override loadState(saved: EnvState): void {
    this.#rng ??= new Rng('')
    this.#rng.loadState(saved.rng as unknown as RngState)
    this.#query = Int32Array.from(saved.query as number[])
    this.#step = saved.step as number
    this.#write()
  }

  #hidden(): boolean {
    return this.#steps === 2 && this.#step === 0
  }

  #write(): void {
    const slot = this.#slot
    const hidden = this.#hidden()
    slot.mask.fill(1)
    slot.observationId.fill(-1)
    slot.stateId[0] = -1
    slot.observation.fill(hidden ? 1 : 0)
    slot.terminated[0] = this.#step === this.#steps ? 1 : 0
    slot.truncated[0] = 0
    this.#query.forEach((query, i) => {
      slot.featureRow[i] = hidden ? -1 : query
      if (!hidden && query % 5 === 0) slot.mask[i * TOPICS + ((query + 1) % TOPICS)] = 0
    })
  }
}
