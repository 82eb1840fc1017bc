import type { EnvSpec, Layout } from '#env/spec.js'
import type { AgentViews, TransitionBatch } from '#env/transition-batch.js'
import type { Recorded, RecordedAgent, RecordedRow, RecordedView } from './oracles/recorded-step.js'

/** Keeps whole steps as the plain objects that oracles replay. */
export class Recorder {
  readonly #spec: EnvSpec
  readonly #layout: Layout
  readonly #steps: RecordedRow[][] = []

  constructor(spec: EnvSpec, layout: Layout) {
    this.#spec = spec
    this.#layout = layout
  }

  add(step: TransitionBatch): void {
    const rows = Array.from({ length: step.before.size }, (_, row) => this.#rowOf(step, row))
    this.#steps.push(rows)
  }

  get recorded(): Recorded {
    return {
      observations: this.#spec.agents.map(({ numObservations }) => numObservations),
      actions: [...this.#layout.actionsOf],
      states: this.#spec.numStates,
      aggregate: this.#spec.score.aggregate,
      steps: this.#steps,
    }
  }

  #rowOf(step: TransitionBatch, row: number): RecordedRow {
    const { agents: n, numActions } = this.#layout
    const agents = Array.from({ length: n }, (_, i): RecordedAgent => {
      const at = row * n + i
      const told = step.actionReward.length > 0
      return {
        before: viewOf(this.#spec, step.before, row, i),
        action: step.actions[at]!,
        reward: step.reward[at]!,
        ...(told ? { actionReward: [...step.actionReward.subarray(at * numActions, (at + 1) * numActions)] } : {}),
        after: viewOf(this.#spec, step.after, row, i),
      }
    })
    return {
      stateId: step.before.stateId[row]!,
      nextStateId: step.after.stateId[row]!,
      agents,
      terminated: step.terminated[row] === 1,
      ended: step.ended[row] === 1,
      elapsed: step.elapsed[row]!,
    }
  }
}

/** What agent `i` of a row sees, as plain numbers. */
export function viewOf(spec: EnvSpec, batch: AgentViews, row: number, i: number): RecordedView {
  const { agents: n, numActions, observationSize } = batch.layout
  const at = row * n + i
  const legal = Array.from({ length: numActions }, (_, a) => a).filter((a) => batch.mask[at * numActions + a] === 1)
  const { numFeatures = 0, observation } = spec.agents[i]!
  const sparse = new Array<number>(numFeatures).fill(0)
  const featureRow = batch.featureRow?.[at] ?? -1
  if (batch.features !== undefined && featureRow >= 0) {
    const { rowStart, index, value } = batch.features
    for (let k = rowStart[featureRow]!; k < rowStart[featureRow + 1]!; k++) sparse[index[k]!]! += value[k]!
  }
  const seen = [...batch.observation.subarray(at * observationSize, at * observationSize + observation.size)]
  return {
    acts: batch.alive[at] === 1,
    id: batch.observationId[at]!,
    inputs: [...sparse, ...seen, 1],
    legal,
  }
}
