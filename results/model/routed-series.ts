import type { RidgeDifference } from '../statistics/routing/ridge-difference.js'
import type { PolicySummary, RoutingSummary } from '../statistics/routing/summarise-routing.js'
import type { EnvironmentRouting, RoutingScore } from '../store/routing-records.js'
import type { Style } from './figure-model.js'

/** A routing policy over the folds of an environment. */
export interface RoutedSeries {
  readonly name: string
  readonly kind: 'learned' | 'baseline'
  /** The same in all figures of a page. */
  readonly id: string
  /** The name, with the regime in which it learned where that is known and the name doesn't tell. */
  readonly label: string
  /** What it saw of outcomes while learning: "full", "bandit", ...; null where not known. */
  readonly regime: string | null
  readonly style: Style
  /** Not drawn until its name is pressed, so that the others can be told apart. */
  readonly hidden: boolean
  readonly summary: PolicySummary
  /** Null for the baseline that others are held against, and where there is none. */
  readonly difference: RidgeDifference | null
}

/** What a series' curves are made from. */
export interface RoutedScores {
  /** [folds], scores on each. */
  readonly scores: readonly (readonly RoutingScore[])[]
}

/** What curves of routing policies are made from. */
export interface Routed {
  readonly label: string
  readonly scheme: string
  readonly routing: EnvironmentRouting
  readonly summary: RoutingSummary
  readonly series: readonly (RoutedSeries & RoutedScores)[]
}
