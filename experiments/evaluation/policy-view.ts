import { IterationLimitError, ModelError, NotEnumerableError } from '#env/errors.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import type { Policy } from '#env/policy.js'
import { PolicyMemoryRows } from '#env/policy-memory.js'
import type { PolicyView, PolicyViewPanel } from '#env/policy-view.js'
import type { EnvEntry } from '#env/registry.js'
import { Rng } from '#env/rng.js'
import { allocateSlots } from '#env/slot.js'
import type { PolicyViewRecord } from '#results/store/trial-records.js'
import type { Evaluator } from './evaluator.js'

/** Cells of a view, all panels together, above which nobody could read it, and above which values would fill the page. */
const MOST_CELLS = 2500
export const MOST_VALUES = 1000

/**
 * Draws a policy the way its environment describes: what the team does in each of the states shown, with the memory that an episode starts with, and, on maps, what they
 * are worth to it.
 * @param evaluator - knows the values; without one, or without a model, none are drawn
 * @returns null where the environment has no view, or can't show its states
 */
export function drawPolicy(
  entry: EnvEntry,
  config: unknown,
  policy: Policy,
  evaluator?: Evaluator,
): PolicyViewRecord | null {
  const view = entry.policyView?.(config)
  const env = entry.create(config)
  if (view === undefined || env.showState === undefined) return null
  const { title, legend } = view
  const cells = cellsOf(view)
  if (cells > MOST_CELLS) {
    const note = `Not drawn: ${cells} cells are too many to read; policies are drawn on up to ${MOST_CELLS}.`
    return { title, legend: [...legend], panels: [], note }
  }
  const rng = new Rng('policy-view')
  const buffers = allocateSlots(env.spec, 1)
  env.bind(buffers.rows[0]!)
  const actions = new Int32Array(buffers.layout.actionsOf.length)
  const memory = new PolicyMemoryRows(policy, buffers.layout, 1)
  const batch = { ...buffers, size: 1, memory: memory.values }
  const choose = (state: number): string | null => {
    if (state < 0) return null
    env.showState!(state)
    memory.begin(0)
    policy.act(batch, rng, actions)
    return view.describe(actions)
  }
  const values = drawsValues(view) ? valuesOf(policy, evaluator) : null
  const note = `Values are drawn on maps of up to ${MOST_VALUES} cells; here there are ${cells}.`
  return {
    title,
    legend: [...legend],
    ...(view.panels.some(isMap) && !drawsValues(view) ? { note } : {}),
    panels: view.panels.map((panel) => {
      const { title, xLabel, yLabel, x, y, states, places, walls } = panel
      return {
        title,
        xLabel,
        yLabel,
        x: [...x],
        y: [...y],
        choice: states.map((row) => row.map(choose)),
        ...(places === undefined ? {} : { places: places.map((row) => [...row]) }),
        ...(walls === undefined ? {} : { walls: walls.map(([row, column]): [number, number] => [row, column]) }),
        ...(values === null || !isMap(panel) ? {} : { value: states.map((row) => row.map(values)) }),
      }
    }),
  }
}

/** Whether values are drawn: on maps that aren't too large. */
export function drawsValues(view: PolicyView): boolean {
  return view.panels.some(isMap) && cellsOf(view) <= MOST_VALUES
}

/** Whether a panel is a map. */
export function isMap({ places }: PolicyViewPanel): boolean {
  return places !== undefined
}

/** Cells of all panels of a view. */
export function cellsOf({ panels }: PolicyView): number {
  return panels.reduce((sum, { x, y }) => sum + x.length * y.length, 0)
}

/** Values of a model by the environment's own state numbers; null for states outside it, and for what isn't finite. */
export function valueByState(model: JointMdp, values: Float64Array): (state: number) => number | null {
  const known = new Map<number, number>()
  values.forEach((value, s) => {
    if (Number.isFinite(value)) known.set(model.stateIds[s]!, value)
  })
  return (state) => known.get(state) ?? null
}

/** V of the policy by state; null where nothing is known of it. */
function valuesOf(policy: Policy, evaluator: Evaluator | undefined): ((state: number) => number | null) | null {
  if (evaluator === undefined || evaluator.model === null) return null
  try {
    return valueByState(evaluator.model, evaluator.values(policy)!)
  } catch (error) {
    // A user's policy may draw without saying its probabilities, remember too much, or take too long to end for f64: no value is known.
    const unknown = [ModelError, IterationLimitError, NotEnumerableError]
    if (unknown.some((kind) => error instanceof kind)) return null
    throw error
  }
}
