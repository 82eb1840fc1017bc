import { VALUE } from '#env/routing-dispatch/quantities.js'
import type { DispatchRules } from '#env/routing-dispatch/rules.js'
import { Recent } from '../gateway/recent.js'

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
  /** Claims whose success nobody has told yet: they count as often good as the settings say. */
  readonly unjudged: number
}

interface Entry {
  readonly claim: BookedClaim
  readonly quantities: Float64Array
  /** Number of its step. */
  readonly step: number
  reward: number
  judged: boolean
}

/** So many claims can still be judged. */
const remembered = 65_536
/** Batches are merged in pairs when there are so many. */
const mostBatches = 64
const fewestBatches = 10

/**
 * Books what each tick earns: all of a query's utility in the tick of its claim, whenever its answer or the word on it comes. A
 * claim that nobody has judged yet counts at the skill that the settings give its agent.
 */
export class UtilityBook {
  readonly #rules: DispatchRules
  /** f64 [N, T] */
  readonly #skill: Float64Array
  readonly #claims = new Recent<string, Entry>(remembered)
  #batches: number[] = [0]
  /** Steps a batch. */
  #size = 64
  #steps = 0
  #ticks = 0
  #total = 0
  #unjudged = 0

  constructor(rules: DispatchRules, skill: Float64Array) {
    this.#rules = rules
    this.#skill = skill
  }

  /**
   * A step is over.
   * @param quantities - of it, without the value of the claim
   * @param elapsed - ticks that it took: 0 for all but the last decision of a tick
   */
  stepped(quantities: Float64Array, claim: BookedClaim | null, elapsed = 1): void {
    let reward: number
    if (claim === null) {
      reward = this.#rules.reward(quantities)
    } else {
      const entry = { claim, quantities: quantities.slice(), step: this.#steps, reward: 0, judged: false }
      entry.reward = this.#rewardOf(entry, this.#skill[claim.agent * this.#rules.numTypes + claim.type]!)
      reward = entry.reward
      this.#claims.set(claim.request, entry)
      this.#unjudged++
    }
    this.#add(this.#steps, reward)
    this.#steps++
    this.#ticks += elapsed
  }

  /** How good an answer was, 0 to 1. Again for the same request: the last word counts. */
  judged(request: string, score: number): void {
    const entry = this.#claims.get(request)
    if (entry === undefined) return
    if (!entry.judged) this.#unjudged--
    entry.judged = true
    const reward = this.#rewardOf(entry, score)
    this.#add(entry.step, reward - entry.reward)
    entry.reward = reward
  }

  get utility(): Utility {
    const ticks = this.#ticks
    const perTick = ticks === 0 ? 0 : this.#total / ticks
    const half = this.#halfWidth()
    return {
      ticks,
      total: this.#total,
      perTick,
      low: half === null ? null : perTick - half,
      high: half === null ? null : perTick + half,
      unjudged: this.#unjudged,
    }
  }

  #rewardOf({ claim, quantities }: Entry, score: number): number {
    const before = quantities[VALUE]!
    quantities[VALUE] = before + score * this.#rules.value[claim.type]!
    const reward = this.#rules.reward(quantities)
    quantities[VALUE] = before
    return reward
  }

  #add(step: number, reward: number): void {
    this.#total += reward
    while (Math.floor(step / this.#size) >= mostBatches) {
      this.#batches = Array.from({ length: mostBatches / 2 }, (_, k) => {
        return (this.#batches[2 * k] ?? 0) + (this.#batches[2 * k + 1] ?? 0)
      })
      this.#size *= 2
    }
    const batch = Math.floor(step / this.#size)
    while (this.#batches.length <= batch) this.#batches.push(0)
    this.#batches[batch] = this.#batches[batch]! + reward
  }

  /** Half of the 99% interval of the mean a tick, from the batches that are full. */
  #halfWidth(): number | null {
    const full = this.#batches.slice(0, Math.floor(this.#steps / this.#size))
    if (full.length < fewestBatches || this.#ticks === 0) return null
    const perStep = this.#steps / this.#ticks
    const means = full.map((sum) => (sum / this.#size) * perStep)
    const mean = means.reduce((sum, one) => sum + one, 0) / means.length
    const variance = means.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (means.length - 1)
    return quantile995(means.length - 1) * Math.sqrt(variance / means.length)
  }
}

/** The .995 quantile of Student's t, from the normal one (Abramowitz and Stegun 26.7.5). */
function quantile995(freedom: number): number {
  const z = 2.5758293035489004
  const first = (z ** 3 + z) / 4
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96
  return z + first / freedom + second / freedom ** 2
}
