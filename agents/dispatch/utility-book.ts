import { VALUE } from '#env/routing-dispatch/quantities.js'
import type { DispatchRules } from '#env/routing-dispatch/rules.js'
import { isWithinTick } from '#env/routing-dispatch/whole-ticks.js'
import { knownRequests } from '../gateway/ledger.js'
import { Recent } from '../gateway/recent.js'
import { BatchMeans } from './batch-means.js'
import { discountedReward } from './discounted-reward.js'
import { Discounting } from './discounting.js'

/** A claim that is booked with its tick. */
export interface BookedClaim {
  readonly request: string
  readonly agent: number
  readonly type: number
}

/** What a team has earned. */
export interface Utility {
  readonly ticks: number
  readonly total: number
  readonly perTick: number
  /** 99% interval of `perTick` by batch means; null where there are too few ticks for one. */
  readonly low: number | null
  readonly high: number | null
  /** The same, discounted from the start: gamma^(ms / tickMs), by the gamma that held at each time; waiting and holding at each moment of their time. */
  readonly discounted: number
  /** Claims of which nobody has said yet whether the answer was good: they count as often good as the settings say. */
  readonly unjudged: number
}

interface Entry {
  readonly claim: BookedClaim
  /** That it is booked by, and how good its answer counts until it is judged: those of its claim. */
  readonly rules: DispatchRules
  readonly skill: number
  /** Of its step, with the value of the claim at its skill; null while that is under way. */
  quantities: Float64Array | null
  /** The tick that it is booked with, from 0. */
  readonly tick: number
  /** What a unit of its step counts from the start. */
  weight: number
  /** Booked so far. */
  reward: number
  /** How good the answer was; null while nobody has said. */
  score: number | null
}

/** So many claims can still be judged: somewhat more than there are requests whose feedback a gateway takes for that of one it knows. */
const remembered = knownRequests + 4096

/**
 * Books what each tick earns: all of a query's utility in the tick of its claim, whenever its answer or the word on it comes. A
 * claim counts at the skill that the settings give its agent, which the state credits; a word on its answer corrects that by score
 * less skill. What is credited for a query that is given back is taken back by the state, in the tick in which its agent goes down.
 */
export class UtilityBook {
  #rules: DispatchRules
  /** f64 [N, T] */
  #skill: Float64Array
  /** By request, its claim; or what was said of one that nobody has: null where nothing was. */
  readonly #claims = new Recent<string, Entry | number | null>(remembered)
  readonly #means = new BatchMeans()
  /** What the decisions of the tick under way have earned before its last one. */
  #open = 0
  #openDiscounted = 0
  /** Whether anything of that tick is over, or anything was claimed in it. */
  #isBegun = false
  #unjudged = 0
  /** Of the step under way. */
  #claim: Entry | null = null
  readonly #discounting: Discounting
  #discounted = 0

  /** @param skill - f64 [N, T] @param discount - gamma a tick */
  constructor(rules: DispatchRules, skill: Float64Array, discount: number) {
    this.#rules = rules
    this.#skill = skill
    this.#discounting = new Discounting(discount)
  }

  /** gamma a tick that holds now. */
  get discount(): number {
    return this.#discounting.discount
  }

  /**
   * Other rules and skills hold for the claims from now on, and another discount for the time.
   * @param from - now, ticks since the start
   */
  adopt(rules: DispatchRules, skill: Float64Array, discount: number, from: number): void {
    this.#rules = rules
    this.#skill = skill
    this.#discounting.change(discount, from)
  }

  /** How good an agent's answer to a type of query counts until it is judged, 0 to 1. */
  skillOf(agent: number, type: number): number {
    return this.#skill[agent * this.#rules.numTypes + type]!
  }

  /** A query is claimed in the step under way. What was said of it before counts. */
  claimed(claim: BookedClaim): void {
    const said = this.#claims.get(claim.request)
    const score = typeof said === 'number' ? said : null
    this.#claim = {
      claim,
      rules: this.#rules,
      skill: this.skillOf(claim.agent, claim.type),
      quantities: null,
      tick: this.#means.count,
      weight: 0,
      reward: 0,
      score,
    }
    this.#claims.set(claim.request, this.#claim)
    if (score === null) this.#unjudged++
  }

  /** The agent of a claim goes down and gives its query back: what was credited for it is taken back by the state, at its skill. */
  takenBack(request: string): void {
    const entry = this.#claims.get(request)
    if (entry === undefined || entry === null || typeof entry === 'number') return
    this.#claims.set(request, entry.score)
    if (entry.score === null) this.#unjudged--
    else this.#correct(entry, null)
  }

  /**
   * The step under way is over.
   * @param quantities - of it, with the value of its claim at `skillOf`
   * @param ticks - that end with it: 0 for all but the last of several decisions
   * @param from - when what it holds began, ticks since the start: its decision
   * @param to - until when; `from` where decisions are made at ticks, which count all of a tick at its decision
   */
  stepped(quantities: Float64Array, ticks: number, from: number, to: number = from): void {
    const entry = this.#claim
    this.#claim = null
    if (entry === null) {
      this.#open += this.#rules.reward(quantities)
      this.#openDiscounted += discountedReward(this.#rules, quantities, this.#discounting, from, to)
    } else {
      entry.quantities = quantities.slice()
      entry.reward = this.#rewardOf(entry, entry.quantities)
      // A claim is of one moment.
      entry.weight = this.#discounting.at(from)
      this.#open += entry.reward
      this.#openDiscounted += entry.weight * entry.reward
    }
    this.#isBegun ||= entry !== null || to > from
    if (ticks === 0) return
    this.#end()
    if (ticks > 1) this.#means.pass(ticks - 1)
    this.#isBegun = isWithinTick(to)
  }

  /** Time ends, maybe in the middle of a tick. */
  stop(): void {
    if (this.#isBegun) this.#end()
  }

  #end(): void {
    this.#means.push(this.#open)
    this.#discounted += this.#openDiscounted
    this.#open = 0
    this.#openDiscounted = 0
    this.#isBegun = false
  }

  /**
   * How good the answer to a request was, 0 to 1; one that never came is worth 0. Again for the same request: the last word counts. Of one
   * that nobody has claimed yet it counts when somebody does.
   */
  judged(request: string, score: number): void {
    const entry = this.#claims.get(request)
    if (entry === undefined || entry === null || typeof entry === 'number') {
      this.#claims.set(request, score)
      return
    }
    if (entry.score === null) this.#unjudged--
    this.#correct(entry, score)
  }

  #correct(entry: Entry, score: number | null): void {
    entry.score = score
    // An answer may come, and be judged, before its tick is over.
    if (entry.quantities === null) return
    const reward = this.#rewardOf(entry, entry.quantities)
    const more = reward - entry.reward
    entry.reward = reward
    if (entry.tick === this.#means.count) {
      this.#open += more
      this.#openDiscounted += entry.weight * more
    } else {
      this.#means.correct(entry.tick, more)
      this.#discounted += entry.weight * more
    }
  }

  get utility(): Utility {
    const { count, total, mean, halfWidth } = this.#means
    return {
      ticks: count,
      total,
      perTick: mean,
      low: halfWidth === null ? null : mean - halfWidth,
      high: halfWidth === null ? null : mean + halfWidth,
      discounted: this.#discounted,
      unjudged: this.#unjudged,
    }
  }

  #rewardOf({ claim, score, rules, skill }: Entry, quantities: Float64Array): number {
    if (score === null) return rules.reward(quantities)
    const before = quantities[VALUE]!
    quantities[VALUE] = before + (score - skill) * rules.value[claim.type]!
    const reward = rules.reward(quantities)
    quantities[VALUE] = before
    return reward
  }
}
