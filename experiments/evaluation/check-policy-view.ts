import { z } from 'zod'
import { random } from '#algorithms/baselines/random.js'
import type { CheckResult } from '#env/conformance/check.js'
import { CadreError, UserModuleError } from '#env/errors.js'
import type { Json } from '#env/json.js'
import type { EnvEntry } from '#env/registry.js'
import { findings } from '#env/schema-words/issue-message.js'
import { shapeOf } from '#env/schema-words/schema-shape.js'
import { policyViewSchema } from '#results/store/trial-records.js'
import { drawPolicy } from './policy-view.js'

const panelShape = z
  .looseObject({
    title: z.string(),
    xLabel: z.string(),
    yLabel: z.string(),
    x: z.array(z.string()),
    y: z.array(z.string()),
    states: z.array(z.array(z.int().min(-1))),
    places: z.array(z.array(z.string().nullable())).optional(),
    walls: z.array(z.tuple([z.int().min(0), z.int().min(0)])).optional(),
  })
  .superRefine(({ x, y, states, places }, context) => {
    for (const [key, cells] of Object.entries({ states, places })) {
      if (cells === undefined || (cells.length === y.length && cells.every((row) => row.length === x.length))) continue
      const message = `expected ${y.length} rows of ${x.length} cells, one row for each of y and one cell for each of x`
      context.addIssue({ code: 'custom', path: [key], message })
    }
  })

/** What `EnvEntry.policyView` returns, `PolicyView` in `cadre/env`. */
const viewShape = z.looseObject({
  title: z.string(),
  legend: z.array(z.string()),
  panels: z.array(panelShape),
  describe: z.custom((value) => typeof value === 'function', 'expected a function of a joint action that returns text'),
})

/**
 * Holds the view that an environment draws policies by against its contract: its shape, and a policy that acts at random
 * drawn by it. So no training ends with a view that can't be drawn. Nothing to check where there is none.
 * @param entry - any environment, also one whose view was never typed
 * @param config - its settings, defaults filled in
 * @throws UserModuleError that names the first part that is wrong
 */
export function checkPolicyView(entry: EnvEntry, config: Json): void {
  if (entry.policyView === undefined) return
  const view: unknown = within('policyView', () => entry.policyView!(config))
  checkShape(view)
  const env = entry.create(config)
  const policy = random.create({ spec: env.spec, envConfig: config }, {})
  const drawn = policyViewSchema
    .nullable()
    .safeParse(within('drawing a policy by policyView', () => drawPolicy(entry, config, policy)))
  if (drawn.success) return
  // What else is in a drawing was checked above.
  throw new UserModuleError('policyView: describe: expected text for every joint action; return one of legend')
}

/**
 * `checkPolicyView` as a line of `cadre check`; none where there is no view.
 * @param holds - whether the environment kept the contract otherwise: only then is a policy drawn
 */
export function viewChecks(entry: EnvEntry, config: Json, holds: boolean): CheckResult[] {
  if (entry.policyView === undefined) return []
  const name = 'policy-view'
  if (!holds) return [{ name, ok: false, message: 'not run: put the other checks right first' }]
  try {
    checkPolicyView(entry, config)
    return [{ name, ok: true, message: 'policyView has the shape of its contract, and draws a policy' }]
  } catch (error) {
    if (!(error instanceof UserModuleError)) throw error
    return [{ name, ok: false, message: error.message }]
  }
}

function checkShape(view: unknown): void {
  const parsed = viewShape.safeParse(view)
  if (parsed.success) return
  const [first] = findings(parsed.error.issues as z.core.$ZodIssue[], view, shapeOf(viewShape))
  throw new UserModuleError(
    `${['policyView', ...first!.path].join('.')}: ${first!.message}; return { title, legend, panels, describe }`,
  )
}

/** Calls the environment's own code; what it throws is said in one line. */
function within<T>(what: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    const message = error instanceof CadreError ? error.message : `threw ${String(error)}`
    throw new UserModuleError(`${what}: ${message}`, { cause: error })
  }
}
