import { StateError } from '#env/errors.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'
import type { TransitionBatch } from '#env/transition-batch.js'
import type { LearnerContext, LearnerState, NumberArray } from '../learner.js'
import { type Exploration, LinearLearner } from './linear-learner.js'
import { ReplayFit, type ReplaySettings } from './replay-fit.js'
import { ReplayMemory } from './replay-memory.js'

/** Remembers all steps, and fits each agent's values to them again as they grow and at the end. */
export class ReplayLearner extends LinearLearner {
  readonly #memories: readonly (ReplayMemory | undefined)[]
  readonly #fits: readonly (ReplayFit | undefined)[]
  #features: SparseMatrix | undefined

  /**
   * @param full - whether rewards of actions not taken are learned from
   * @throws SpaceError when an agent has neither features nor an observation
   */
  constructor(context: LearnerContext, exploration: Exploration, full: boolean, settings: ReplaySettings) {
    super(context, exploration)
    this.#memories = this.inputs.map((input, i) => {
      if (!context.agents.includes(i)) return undefined
      return new ReplayMemory(input, this.actionsOf[i]!, full, settings.capacity)
    })
    this.#fits = this.inputs.map((input, i) => {
      if (!context.agents.includes(i)) return undefined
      return new ReplayFit(input, this.actionsOf[i]!, full, this.#memories[i]!, settings)
    })
  }

  protected override learn(transition: TransitionBatch): void {
    const { before, layout, size } = transition
    this.#features = before.features
    for (let row = 0; row < size; row++) {
      for (const agent of this.context.agents) {
        const k = row * layout.agents + agent
        if (before.alive[k] === 1) this.#memories[agent]!.add(transition, k, this.discount[k]!)
      }
    }
    for (const agent of this.context.agents) {
      if (this.#fits[agent]!.isDue) this.#fits[agent]!.run(this.#features, false)
    }
  }

  finish(): void {
    for (const agent of this.context.agents) {
      if (this.#memories[agent]!.count > 0) this.#fits[agent]!.run(this.#features, true)
    }
  }

  protected override weightsOf(agent: number): Float64Array {
    return this.#fits[agent]!.weights
  }

  protected override arraysOf(agent: number): { readonly [name: string]: NumberArray } {
    return this.#fits[agent]!.arrays
  }

  /** What is remembered is told in parts: a checkpoint appends what came since the last. */
  override saveState(): LearnerState {
    const { arrays, data } = super.saveState()
    const added = this.context.agents.flatMap((agent) =>
      Object.entries(this.#memories[agent]!.takeAdded()).map(([name, array]) => [`${agent}/${name}`, array] as const),
    )
    const counts = Object.fromEntries(this.context.agents.map((agent) => [agent, this.#memories[agent]!.count]))
    return { arrays, data: { ...data, counts }, added: Object.fromEntries(added) }
  }

  override loadState(state: LearnerState): void {
    const counts = state.data.counts as { readonly [agent: string]: number } | undefined
    const read = this.context.agents.map((agent) => {
      const own = Object.entries(state.added ?? {}).filter(([name]) => name.startsWith(`${agent}/`))
      const columns = Object.fromEntries(own.map(([name, array]) => [name.slice(`${agent}/`.length), array]))
      return this.#memories[agent]!.prepareLoad(counts?.[agent], columns)
    })
    if (read.some((load) => load === null)) {
      throw new StateError(
        'saved learner: its remembered steps are absent or of other shapes; it was saved by another learner or with other settings',
      )
    }
    super.loadState(state)
    for (const load of read) load!()
  }
}
