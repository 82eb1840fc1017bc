import type { LogReading } from '#agents/log/read-log.js'
import { playEvents } from './play-events.js'
import { playTicks } from './play-ticks.js'
import { happenedIn, type Played, type Run, settingsIn } from './run.js'

/** A run of a dispatcher, gone through again in the environment. */
export interface Replay {
  readonly episode: string
  /** What led the team; several, where its file was read again: `one, then another`. */
  readonly policy: string
  /** When decisions were made. */
  readonly decide: 'ticks' | 'events'
  /** Boundaries gone through; at events whole ticks of time. */
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
    /** Discounted from the start, by when the decisions were made; null where an older log doesn't say the discount. */
    readonly discounted: number | null
    readonly unjudged: number
  }
  /** What the dispatcher itself had booked when it stopped; null where it runs still, or was killed. */
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
    if (record.kind === 'start') runs.set(record.fields.episode, { start: record.fields, lines: [], stop: null })
    else if (record.kind === 'tick' || record.kind === 'event' || record.kind === 'settings')
      runs.get(record.fields.episode)?.lines.push(record)
    else if (record.kind === 'stop') {
      const run = runs.get(record.fields.episode)
      if (run !== undefined) run.stop = record.fields
    }
  }
  const scores = scoresOf(reading.records)
  return [...runs.values()].map((run) => replayRun(run, reading, scores))
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
    if (kind === 'tick' || kind === 'event') for (const request of fields.lost ?? []) scores.set(request, 0)
    if (kind === 'feedback' && (heardBy === undefined || fields.known)) scores.set(fields.request, fields.score)
  }
  return scores
}

/** Goes through a run once more. @param scores - by request, how good its answer was */
function play(run: Run, scores: ReadonlyMap<string, number>): Played {
  return run.start.decide === 'events' ? playEvents(run, scores) : playTicks(run, scores)
}

function replayRun(run: Run, reading: LogReading, scores: ReadonlyMap<string, number>): Replay {
  const { start, stop } = run
  const played = play(run, scores)
  const { difference, means, decisions, states, unjudged } = played
  const { total, mean, halfWidth } = means
  // What is said later counts, but the dispatcher could not book it.
  const heard = stop === null ? null : scoresOf(reading.records, start.episode)
  const isSame = heard === null || played.claimed.every((request) => heard.get(request) === scores.get(request))
  const heardOf = isSame ? played : play(run, heard)
  const paid = heardOf.means.total
  return {
    episode: start.episode,
    policy: policiesOf(run).join(', then '),
    decide: start.decide,
    ticks: means.count,
    decisions,
    states,
    difference,
    utility: {
      total,
      perTick: mean,
      low: halfWidth === null ? null : mean - halfWidth,
      high: halfWidth === null ? null : mean + halfWidth,
      discounted: start.discount === undefined ? null : played.discounted,
      unjudged,
    },
    booked: stop?.total ?? null,
    paid: stop === null ? null : paid,
    agrees:
      stop === null
        ? null
        : difference === null &&
          isNear(stop.total, paid) &&
          (stop.discounted === undefined || isNear(stop.discounted, heardOf.discounted)),
    lateTicks: stop?.lateTicks ?? null,
    interrupted: interruptedIn(run, reading),
  }
}

/** What led a run, one after the other. */
function policiesOf(run: Run): string[] {
  const led = settingsIn(run)
    .sort((a, b) => a.tick - b.tick)
    .flatMap(({ policy }) => policy?.name ?? [])
  return [run.start.policy.name, ...led].filter((name, i, all) => name !== all[i - 1])
}

/** Requests of a run that came in time for a boundary or were decided on, and of which no outcome is written. */
function interruptedIn(run: Run, { requests }: LogReading): string[] {
  const { episode } = run.start
  const accepted = new Set(happenedIn(run).flatMap(({ requests: arrived = [] }) => arrived))
  // A gateway may be killed after a decision and before the line of its boundary.
  for (const { request, decisions } of requests.values()) {
    if (decisions[0]?.episode === episode) accepted.add(request)
  }
  return [...accepted].filter((request) => (requests.get(request)?.outcome ?? null) === null)
}

function isNear(booked: number, paid: number): boolean {
  return Math.abs(booked - paid) <= 1e-6 * Math.max(1, Math.abs(paid))
}
