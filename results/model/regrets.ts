import { regret } from '../statistics/score-scale.js'
import { type ReferenceLine, type Row, type RowsModel, spanOf } from './figure-model.js'
import { optimumName } from './references.js'
import { finishedSeries, type World } from './world.js'

/** What regret is measured from. */
export interface RegretBase {
  readonly name: string
  readonly value: number
}

/** Regret of all learners against one reference. */
export interface RegretModel {
  readonly base: RegretBase
  readonly rows: RowsModel
}

/** Of the axis, as a share: a regret of 0 draws no bar. */
const LEAST_SPAN = 0.01

/** Against the optimum and the best local policies, as far as known; empty where no scale is known or nothing has finished. */
export function regretsOf(world: World): RegretModel[] {
  const locals = world.locals.map(({ environment, value }) => ({ name: `best local policy (${environment})`, value }))
  const optimum = world.optimum === null ? [] : [{ name: optimumName(world), value: world.optimum }]
  return [...optimum, ...locals].flatMap((base) => {
    const rows = regretRows(world, base)
    return rows === null ? [] : [{ base, rows }]
  })
}

/** (base - score) / (base - random): negative where a score is ahead of the base; null where no scale is known. */
export function regretFrom(base: RegretBase, score: number, { random, resolution }: World): number | null {
  return regret(score, { optimum: base.value, random, resolution })
}

/** Regret of each learner with its 95% interval, least first; for comparison, the best scripted and local policies. */
function regretRows(world: World, base: RegretBase): RowsModel | null {
  const learners = finishedSeries(world)
  const at = (score: number) => regretFrom(base, score, world)
  if (learners.length === 0 || at(0) === null) return null
  const rows = learners.map(({ id, label, style, summary }): Row => {
    const { iqm, low, high, seeds } = summary
    const interval = low === null || high === null ? { low: null, high: null } : { low: at(high)!, high: at(low)! }
    return { id, label, kind: 'learner', style, value: at(iqm)!, ...interval, of: seeds, regret: null }
  })
  const lines = [
    ...world.policies.slice(0, 1).map(({ name, value }) => ({ name: `best scripted: ${name}`, value: at(value)! })),
    ...world.locals.map(({ environment, value }) => ({ name: `best local: ${environment}`, value: at(value)! })),
  ]
    .filter((line) => Math.abs(line.value) > 1e-12)
    .map((line): ReferenceLine => ({ ...line, strong: false }))
  const ends = [
    ...rows.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]),
    ...lines.map((line) => line.value),
  ]
  // Below a hundredth of a percent it's what evaluation leaves open: no reason for a part left of 0.
  const least = Math.min(...ends)
  const low = least < -1e-4 ? least : 0
  const high = Math.max(low + LEAST_SPAN, 0, ...ends)
  const pad = 0.09 * (high - low)
  return {
    title: `${world.name}: regret against the ${base.name}`,
    measure: 'regret',
    axis: {
      title: `regret against the ${base.name}`,
      scale: 'linear',
      range: [low < 0 ? low - pad : 0, high + pad],
      numbers: { as: 'percent' },
    },
    replicate: world.replicate,
    bars: true,
    rows,
    lines,
    leftOut: [],
    caption: [
      `Bar: interquartile mean over ${spanOf(
        rows.map(({ of }) => of!),
        world.replicate,
      )}; whisker: bootstrap 95% interval.`,
      'Regret = (reference \u2212 score) / (reference \u2212 random): 0 equals the reference, 100% is no better than random, below 0 is ahead of the reference.',
    ],
  }
}
