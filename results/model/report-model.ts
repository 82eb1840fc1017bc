import type { ColourName } from '../page/palette.js'
import type { RunData } from '../store/run-data.js'
import { type Aggregate, aggregateOf } from './aggregate.js'
import { type Comparisons, comparisonsOf } from './comparisons.js'
import type { CurvesModel } from './figure-model.js'
import { type Ranking, rankingOf } from './ranking.js'
import { type RegretModel, regretsOf } from './regrets.js'
import { type RoutedWorld, routedWorlds } from './routed-world.js'
import { runNames } from './run-names.js'
import { algorithmKey, type StyleBook, styleBook } from './style-book.js'
import { type World, worldsOf } from './world.js'
import { metricCurves, metricNames, regretCurves, scoreCurves } from './world-curves.js'

/** A world with who is ahead of whom, and its figures in numbers. */
export interface WorldModel extends World {
  readonly comparisons: Comparisons
  readonly figures: {
    readonly scores: CurvesModel
    /** Null where no optimum is known. */
    readonly regret: CurvesModel | null
    readonly metrics: readonly { readonly name: string; readonly curves: CurvesModel }[]
    readonly ranking: Ranking
    readonly regrets: readonly RegretModel[]
  }
}

/** All that a report or a plot says and draws, as plain JSON: tables, words and figures are made from this alone. */
export interface ReportModel {
  /** What runs are called beside each other. */
  readonly runs: readonly string[]
  /** The colour of each algorithm, in all figures, tables and maps. */
  readonly colours: { readonly [algorithm: string]: ColourName }
  readonly worlds: readonly WorldModel[]
  /** Over all environments of a single run; null where there aren't several to compare on. */
  readonly aggregate: Aggregate | null
  readonly routed: readonly RoutedWorld[]
}

/** The numbers of a report of one run, or of a plot of several. */
export function reportModel(runs: readonly RunData[], styles: StyleBook = styleBook(runs)): ReportModel {
  const algorithms = [
    ...new Set(runs.flatMap(({ manifest }) => Object.values(manifest.algorithms).map(({ name }) => name))),
  ]
  const [only, ...others] = runs
  return {
    runs: runNames(runs),
    colours: Object.fromEntries(algorithms.map((name) => [name, styles.colour(algorithmKey(name))])),
    worlds: worldsOf(runs, styles).map((world) => ({
      ...world,
      comparisons: comparisonsOf(world),
      figures: {
        scores: scoreCurves(world),
        regret: regretCurves(world),
        metrics: metricNames(world).map((name) => ({ name, curves: metricCurves(world, name) })),
        ranking: rankingOf(world),
        regrets: regretsOf(world),
      },
    })),
    aggregate: only === undefined || others.length > 0 ? null : aggregateOf(only, styles),
    routed: only === undefined || others.length > 0 ? [] : routedWorlds(only, styles),
  }
}
