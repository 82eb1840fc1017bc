import { allocateViews } from '#env/agent-views.js'
import { box, discrete, multiDiscrete } from '#env/space.js'
import { type EnvSpec, layoutOf } from '#env/spec.js'
import type { AgentViews, TransitionBatch } from '#env/transition-batch.js'

/** What the agents of one row see, as plain numbers. */
export interface MadeView {
  /** [N], the observations' numbers. Default 0. */
  readonly seen?: readonly number[]
  /** [N], 1 = acts. Default 1. */
  readonly acts?: readonly number[]
  /** [N * H], legal actions of each choice as digits: '101'. Default: all that it has, of agents that act. */
  readonly legal?: readonly string[]
  /** The state's number. Default 0. */
  readonly state?: number
}

/** One row's step, as plain numbers. */
export interface MadeRow extends MadeView {
  /** [N * H] */
  readonly done: readonly number[]
  /** [N] */
  readonly reward: readonly number[]
  /** What followed. Default: the same as before. */
  readonly next?: MadeView
  readonly ends?: 'terminated' | 'truncated'
  /** Default 1. */
  readonly elapsed?: number
}

/** A spec for tests: agents a0, a1, ... @param actions - of each agent: a size, or the sizes of several choices */
export function madeSpec(
  actions: readonly (number | readonly number[])[],
  numObservations = 4,
  more: Partial<EnvSpec> = {},
): EnvSpec {
  return {
    id: 'made',
    version: '1',
    agents: actions.map((size, i) => ({
      name: `a${i}`,
      observation: box(1, 0, 1),
      action: typeof size === 'number' ? discrete(size) : multiDiscrete(size),
      numObservations,
    })),
    numStates: 4,
    stateSize: 1,
    quantities: [],
    score: { aggregate: 'team-sum', over: 'episode' },
    limitSteps: null,
    ...more,
  }
}

/** Views of some rows, as a learner is shown them. */
export function madeViews(spec: EnvSpec, rows: readonly MadeView[]): AgentViews {
  const layout = layoutOf(spec)
  const { agents: n, heads, numActions: width, actionsOf } = layout
  const { views } = allocateViews(layout, rows.length, { observationSize: 0, stateSize: 0 })
  rows.forEach(({ seen = [], acts = [], legal = [], state = 0 }, row) => {
    views.stateId[row] = state
    for (let i = 0; i < n; i++) {
      views.observationId[row * n + i] = seen[i] ?? 0
      views.alive[row * n + i] = acts[i] ?? 1
    }
    actionsOf.forEach((size, choice) => {
      const digits = legal[choice] ?? (acts[Math.floor(choice / heads)] === 0 ? '' : '1'.repeat(size))
      const at = (row * actionsOf.length + choice) * width
      for (let a = 0; a < digits.length; a++) views.mask[at + a] = digits[a] === '1' ? 1 : 0
    })
  })
  return views
}

/** A whole transition of some rows. */
export function madeStep(spec: EnvSpec, rows: readonly MadeRow[]): TransitionBatch {
  const flags = (of: (row: MadeRow) => boolean) => Uint8Array.from(rows, (row) => (of(row) ? 1 : 0))
  return {
    spec,
    layout: layoutOf(spec),
    size: rows.length,
    before: madeViews(spec, rows),
    actions: Int32Array.from(rows.flatMap(({ done }) => done)),
    reward: Float64Array.from(rows.flatMap(({ reward }) => reward)),
    actionReward: new Float64Array(0),
    after: madeViews(
      spec,
      rows.map((row) => row.next ?? row),
    ),
    terminated: flags(({ ends }) => ends === 'terminated'),
    truncated: flags(({ ends }) => ends === 'truncated'),
    ended: flags(({ ends }) => ends !== undefined),
    elapsed: Float64Array.from(rows, ({ elapsed = 1 }) => elapsed),
    quantities: new Float64Array(0),
  }
}
