import { BatchMeans } from '#agents/dispatch/batch-means.js'
import type { SettingsFields, StartFields, StopFields, TickFields } from '#agents/dispatch/dispatch-lines.js'
import type { LogReading } from '#agents/log/read-log.js'
import { StateError } from '#env/errors.js'
import type { Json } from '#env/json.js'
import { resolveInstance, routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { SampledDispatch } from '#env/routing-dispatch/sampled-dispatch.js'
import { allocateSlots } from '#env/slot.js'

/** A run of a dispatcher, gone through again in the environment. */
export interface Replay {
  readonly episode: string
  readonly policy: string
  /** Boundaries gone through. */
  readonly ticks: number
  readonly decisions: number
  /** States that the log tells, and that the environment was in as well. */
  readonly states: number
  /** The first thing that differs: a state, or an event that can't happen in it; null where all agrees. */
  readonly difference: string | null
  /** What was earned by the environment's own rules; claims that nobody judged count at the skill that the settings give. */
  readonly utility: {
    readonly total: number
    readonly perTick: number
    readonly low: number | null
    readonly high: number | null
    readonly unjudged: number
  }
  /** What the dispatcher itself had booked when it stopped; null where it was killed. */
  readonly booked: number | null
  /** What the environment pays by what the dispatcher had heard of its answers by then; null where it was killed. */
  readonly paid: number | null
  /** Whether it booked what the environment pays, to 1e-6; null where it was killed. */
  readonly agrees: boolean | null
  readonly lateTicks: number | null
  /** Requests that were accepted, and whose end the log doesn't tell. */
  readonly interrupted: readonly string[]
}

/** Goes through every run of a dispatcher that a log tells. */
export function replayDispatch(reading: LogReading): Replay[] {
  const runs = new Map<string, Run>()
  for (const record of reading.records) {
    if (record.kind === 'start')
      runs.set(record.fields.episode, { start: record.fields, ticks: [], settings: new Map(), stop: null })
    else if (record.kind === 'settings')
      runs.get(record.fields.episode)?.settings.set(record.fields.tick, record.fields)
    else if (record.kind === 'tick') runs.get(record.fields.episode)?.ticks.push(record.fields)
    else if (record.kind === 'stop') {
      const run = runs.get(record.fields.episode)
      if (run !== undefined) run.stop = record.fields
    }
  }
  const scores = scoresOf(reading.records)
  return [...runs.values()].map((run) => replayRun(run, reading, scores))
}

interface Run {
  readonly start: StartFields
  readonly ticks: TickFields[]
  /** By the tick from whose decisions on they hold. */
  readonly settings: Map<number, SettingsFields>
  stop: StopFields | null
}

/**
 * By request, the last word on its answer, 0 to 1. One that came to no end is worth nothing.
 * @param heardBy - leaves out what this run of a dispatcher could not hear: what was said once it had stopped, and of requests that its
 * gateway remembered no more
 */
function scoresOf(records: LogReading['records'], heardBy?: string): Map<string, number> {
  const scores = new Map<string, number>()
  for (const { kind, fields } of records) {
    if (kind === 'stop' && fields.episode === heardBy) break
    if (kind === 'outcome' && fields.ended !== 'answered') scores.set(fields.request, 0)
    if (kind === 'tick') for (const request of fields.lost ?? []) scores.set(request, 0)
    if (kind === 'feedback' && (heardBy === undefined || fields.known)) scores.set(fields.request, fields.score)
  }
  return scores
}

/** What a claim came to. */
interface Claim {
  readonly request: string
  readonly good: number
  readonly judged: boolean
}

function replayRun(run: Run, reading: LogReading, scores: ReadonlyMap<string, number>): Replay {
  const { start, ticks, stop } = run
  const played = play(run, scores)
  const { difference, means, decisions, states, unjudged } = played
  const { total, mean, halfWidth } = means
  // What is said later counts, but the dispatcher could not book it.
  const heard = stop === null ? null : scoresOf(reading.records, start.episode)
  const isSame = heard === null || played.claimed.every((request) => heard.get(request) === scores.get(request))
  const paid = isSame ? total : play(run, heard).means.total
  return {
    episode: start.episode,
    policy: start.policy.name,
    ticks: means.count,
    decisions,
    states,
    difference,
    utility: {
      total,
      perTick: mean,
      low: halfWidth === null ? null : mean - halfWidth,
      high: halfWidth === null ? null : mean + halfWidth,
      unjudged,
    },
    booked: stop?.total ?? null,
    paid: stop === null ? null : paid,
    agrees:
      stop === null ? null : difference === null && Math.abs(stop.total - paid) <= 1e-6 * Math.max(1, Math.abs(paid)),
    lateTicks: stop?.lateTicks ?? null,
    interrupted: interruptedIn(start.episode, ticks, reading),
  }
}

/** Drives the environment with the events of a run. @param scores - by request, how good its answer was */
function play({ start, ticks, settings, stop }: Run, scores: ReadonlyMap<string, number>) {
  // The log says what arrived.
  const configOf = (environment: StartFields['environment']) =>
    routingDispatchConfig.parse({ ...environment, limitSteps: null, arrivals: { kind: 'poisson' } })
  const config = configOf(start.environment)
  let { agents } = resolveInstance(config)
  const lines = new Map(ticks.map((line) => [line.tick, line]))
  // A query given back may be claimed again: only the last claim is answered.
  const lastClaim = new Map<string, string>()
  for (const { tick, offers = [] } of ticks) {
    offers.forEach(({ request, winner }, k) => {
      if (winner !== null) lastClaim.set(request, `${tick} ${k}`)
    })
  }
  const claimOf = (request: string, place: string, winner: number, type: number): Claim => {
    if (lastClaim.get(request) !== place) return { request, good: 0, judged: true }
    const score = scores.get(request)
    if (score !== undefined) return { request, good: score, judged: true }
    return { request, good: agents[winner]!.skill[type]!, judged: false }
  }

  let env = new SampledDispatch(config)
  const slots = allocateSlots(env.spec, 1, { observation: false, state: false })
  env.bind(slots.rows[0]!)
  const zeros = agents.map(() => 0)
  env.injectInitial({ inbox: [], queue: zeros, down: zeros })
  const actions = new Int32Array(slots.layout.actionsOf.length)
  const centralised = config.control === 'centralised'
  const means = new BatchMeans()
  const last = stop?.tick ?? ticks.reduce((latest, { tick }) => Math.max(latest, tick), 0)
  let decisions = 0
  let states = 0
  let unjudged = 0
  let difference: string | null = null
  for (let tick = 0; tick < last && difference === null; tick++) {
    const adopted = settings.get(tick)
    if (adopted !== undefined) {
      // The same state goes on by other numbers.
      const saved = env.saveState()
      const now = configOf(adopted.environment)
      env = new SampledDispatch(now)
      env.bind(slots.rows[0]!)
      env.loadState(saved)
      agents = resolveInstance(now).agents
    }
    const offers = lines.get(tick)?.offers ?? []
    let earned = 0
    for (let k = 0; k < Math.max(1, offers.length) && difference === null; k++) {
      const offer = offers[k]
      const logged = k === 0 ? lines.get(tick)?.state : undefined
      if (logged !== undefined) {
        const expected = JSON.stringify(logged)
        const found = JSON.stringify(shownState(env.saveState()))
        if (expected !== found) {
          difference = `tick ${tick}: the log has the state ${expected}, the environment ${found}`
          break
        }
        states++
      }
      actions.fill(0)
      let told: { [key: string]: Json } = {}
      if (offer !== undefined) {
        decisions++
        if (centralised && offer.winner !== null) actions[0] = offer.winner + 1
        if (!centralised) for (const agent of offer.claims) actions[agent] = 1
        if (offer.winner !== null) {
          const [head] = shownState(env.saveState()).inbox
          const claim = claimOf(offer.request, `${tick} ${k}`, offer.winner, head?.[0] ?? 0)
          if (!claim.judged) unjudged++
          told = { winner: offer.winner, good: claim.good }
        }
      }
      const events = k >= offers.length - 1 ? (lines.get(tick + 1)?.events ?? {}) : {}
      try {
        env.applyEvents({ ...told, ...(events as { [key: string]: Json }) })
        env.step(actions)
        earned += slots.reward[0]!
      } catch (error) {
        if (!(error instanceof StateError)) throw error
        difference = `tick ${tick + 1}: ${error.message}`
      }
    }
    if (difference === null) means.push(earned)
  }
  return { difference, means, decisions, states, unjudged, claimed: [...lastClaim.keys()] }
}

/** Requests of a run that came in time for a boundary or were decided on, and of which no outcome is written. */
function interruptedIn(episode: string, ticks: readonly TickFields[], { requests }: LogReading): string[] {
  const accepted = new Set(ticks.flatMap(({ requests: arrived = [] }) => arrived))
  // A gateway may be killed after a decision and before the line of its boundary.
  for (const { request, decisions } of requests.values()) {
    if (decisions[0]?.episode === episode) accepted.add(request)
  }
  return [...accepted].filter((request) => (requests.get(request)?.outcome ?? null) === null)
}

function shownState(saved: { readonly [key: string]: Json }): {
  inbox: [number, number][]
  queue: number[]
  down: number[]
} {
  const { inbox, queue, down } = saved as unknown as {
    inbox: { type: number; left: number }[]
    queue: number[]
    down: number[]
  }
  return { inbox: inbox.map(({ type, left }) => [type, left]), queue, down }
}
