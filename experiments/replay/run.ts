import type { BatchMeans } from '#agents/dispatch/batch-means.js'
import type {
  EventFields,
  SettingsFields,
  StartFields,
  StopFields,
  TickFields,
} from '#agents/dispatch/dispatch-lines.js'
import { type RoutingDispatchConfig, routingDispatchConfig } from '#env/routing-dispatch/config.js'
import type { DispatchState } from '#env/routing-dispatch/dispatch-state.js'

/** What a log tells of one run of a dispatcher. */
export interface Run {
  readonly start: StartFields
  /** In the order of the log. */
  readonly lines: RunLine[]
  stop: StopFields | null
}

/** What happened at a boundary or at a moment, or settings that hold from there on. */
export type RunLine =
  | { readonly kind: 'tick'; readonly fields: TickFields }
  | { readonly kind: 'event'; readonly fields: EventFields }
  | { readonly kind: 'settings'; readonly fields: SettingsFields }

/** What happened in a run, without its settings. */
export function happenedIn({ lines }: Run): (TickFields | EventFields)[] {
  return lines.flatMap((line) => (line.kind === 'settings' ? [] : [line.fields]))
}

/** Settings that were taken over in a run. */
export function settingsIn({ lines }: Run): SettingsFields[] {
  return lines.flatMap((line) => (line.kind === 'settings' ? [line.fields] : []))
}

/** A run, gone through once more. */
export interface Played {
  /** The first thing that differs. */
  readonly difference: string | null
  readonly means: BatchMeans
  readonly discounted: number
  readonly decisions: number
  /** States compared. */
  readonly states: number
  readonly unjudged: number
  /** Requests that were claimed. */
  readonly claimed: readonly string[]
}

/** Settings as a log has them. What arrives is told by the log itself. */
export function loggedConfig(environment: StartFields['environment']): RoutingDispatchConfig {
  return routingDispatchConfig.parse({ ...environment, limitSteps: null, arrivals: { kind: 'poisson' } })
}

/** What became of the claims of a run. A query given back may be claimed again: only the last claim is answered. */
export class LoggedClaims {
  readonly #scores: ReadonlyMap<string, number>
  /** By request, the offer that came last to somebody. */
  readonly #last = new Map<string, NonNullable<TickFields['offers']>[number]>()

  /** @param scores - by request, how good its answer was */
  constructor(run: Run, scores: ReadonlyMap<string, number>) {
    this.#scores = scores
    for (const { offers = [] } of happenedIn(run)) {
      for (const offer of offers) if (offer.winner !== null) this.#last.set(offer.request, offer)
    }
  }

  /** Requests that were claimed. */
  get requests(): string[] {
    return [...this.#last.keys()]
  }

  /** How good its answer was, 0 to 1; null where nobody has said. */
  scoreOf(offer: NonNullable<TickFields['offers']>[number]): number | null {
    if (this.#last.get(offer.request) !== offer) return 0
    return this.#scores.get(offer.request) ?? null
  }
}

/** What a log tells of a state. */
export type ShownState = NonNullable<TickFields['state']>

/** A state as a log tells it. */
export function shownState({
  waiting,
  type,
  left,
  queue,
  down,
}: Pick<DispatchState, 'waiting' | 'queue' | 'down' | 'type' | 'left'>): ShownState {
  return {
    inbox: Array.from({ length: waiting }, (_, k) => [type[k]!, left[k]!]),
    queue: [...queue],
    down: [...down],
  }
}
