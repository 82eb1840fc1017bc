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

type Offer = NonNullable<TickFields['offers']>[number]

/** What became of the claims of a run. A query given back may be claimed again: only the last claim is answered. */
export class LoggedClaims {
  /** Claims asked for of which nobody has said how good their answers were. */
  unjudged = 0
  readonly #scores: ReadonlyMap<string, number>
  /** By request, the claim that wasn't given back. */
  readonly #last = new Map<string, Offer>()
  readonly #givenBack = new Set<Offer>()

  /** @param scores - by request, how good its answer was */
  constructor(run: Run, scores: ReadonlyMap<string, number>) {
    this.#scores = scores
    for (const { returned = [], offers = [] } of happenedIn(run)) {
      for (const request of returned) {
        const claim = this.#last.get(request)
        if (claim === undefined) continue
        this.#givenBack.add(claim)
        this.#last.delete(request)
      }
      for (const offer of offers) if (offer.winner !== null) this.#last.set(offer.request, offer)
    }
  }

  /** Requests that were claimed, and not given back. */
  get requests(): string[] {
    return [...this.#last.keys()]
  }

  /**
   * How good the answer to a claim counts, 0 to 1: as it was judged, else at its skill. So does a claim that was given back, until it is:
   * then the rules take its credit back.
   * @param skill - that the settings give
   */
  goodOf(claim: Offer, skill: number): number {
    if (this.#givenBack.has(claim)) return skill
    // Older logs don't tell what was given back: such a claim is worth nothing from the start.
    if (this.#last.get(claim.request) !== claim) return 0
    const score = this.#scores.get(claim.request)
    if (score === undefined) this.unjudged++
    return score ?? skill
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
