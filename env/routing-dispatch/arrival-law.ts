import type { RoutingDispatchConfig, TypeConfig } from './config.js'

/** Arrivals of a tick that fill the inbox alike. */
export interface ArrivalOutcome {
  /** Types of those that find a place, in order of time. */
  readonly accepted: readonly number[]
  readonly probability: number
  /** What those that find none cost, given the others: losses in reward units and their probabilities, which sum to 1. */
  readonly refused: readonly { readonly loss: number; readonly probability: number }[]
}

/** [free places], every outcome of a tick's arrivals where so many places are free. */
export type ArrivalLaw = readonly (readonly ArrivalOutcome[])[]

/** Numbers of arrivals that are rarer than this are left out, and the others scaled up. */
const NEGLIGIBLE = 1e-17
/** More outcomes than this aren't enumerated. */
const MOST_OUTCOMES = 20_000

/**
 * The distribution of a tick's arrivals, by how many places are free.
 * @param places - of the inbox
 * @returns null where it depends on the time, or has too many outcomes
 */
export function arrivalLaw(
  types: readonly TypeConfig[],
  arrivals: RoutingDispatchConfig['arrivals'],
  places: number,
): ArrivalLaw | null {
  if (arrivals.kind === 'trace') return null
  if (arrivals.kind === 'bernoulli') {
    return Array.from({ length: places + 1 }, (_, free) => bernoulliOutcomes(types, free > 0))
  }
  const rate = types.reduce((sum, { arrival }) => sum + arrival, 0)
  if (rate === 0) return Array.from({ length: places + 1 }, () => [nothing(1)])
  const counts = poissonCounts(rate)
  const shares = types.map(({ arrival }) => arrival / rate)
  const losses = lossesOf(types, shares, counts.length)
  if (losses === null || types.length ** places * losses.length > MOST_OUTCOMES) return null
  return Array.from({ length: places + 1 }, (_, free) => poissonOutcomes(counts, shares, losses, free))
}

function nothing(probability: number): ArrivalOutcome {
  return { accepted: [], probability, refused: [{ loss: 0, probability: 1 }] }
}

function bernoulliOutcomes(types: readonly TypeConfig[], free: boolean): ArrivalOutcome[] {
  const outcomes: ArrivalOutcome[] = []
  let none = 1
  types.forEach(({ arrival, loss }, t) => {
    none -= arrival
    if (arrival <= 0) return
    outcomes.push({
      accepted: free ? [t] : [],
      probability: arrival,
      refused: [{ loss: free ? 0 : loss, probability: 1 }],
    })
  })
  // Rounding may leave a crumb where the arrivals fill up the distribution.
  return none < 1e-12 ? outcomes : [...outcomes, nothing(none)]
}

/** Probabilities of 0, 1, ... arrivals. From the likeliest number on to both sides: the chance of none may be less than f64 has. */
function poissonCounts(rate: number): number[] {
  const likeliest = Math.floor(rate)
  const counts: number[] = []
  counts[likeliest] = 1
  for (let n = likeliest; n > 0; n--) counts[n - 1] = (counts[n]! * n) / rate
  for (let n = likeliest; counts[n]! > NEGLIGIBLE; n++) counts[n + 1] = (counts[n]! * rate) / (n + 1)
  const sum = counts.reduce((total, one) => total + one, 0)
  return counts.map((one) => one / sum)
}

/** [n], the distribution of what n arrivals cost that are turned away; null where it has too many values. */
function lossesOf(
  types: readonly TypeConfig[],
  shares: readonly number[],
  most: number,
): ReadonlyMap<number, number>[] | null {
  const all: Map<number, number>[] = [new Map([[0, 1]])]
  while (all.length < most) {
    const next = new Map<number, number>()
    for (const [loss, probability] of all.at(-1)!) {
      types.forEach((type, t) => {
        const sum = loss + type.loss
        if (shares[t]! > 0) next.set(sum, (next.get(sum) ?? 0) + probability * shares[t]!)
      })
    }
    if (next.size > MOST_OUTCOMES / most) return null
    all.push(next)
  }
  return all
}

function poissonOutcomes(
  counts: readonly number[],
  shares: readonly number[],
  losses: readonly ReadonlyMap<number, number>[],
  free: number,
): ArrivalOutcome[] {
  const outcomes: ArrivalOutcome[] = []
  // Types are drawn one by one, whatever the number: those turned away don't depend on those that found a place.
  const overflow = new Map<number, number>()
  let more = 0
  counts.slice(free).forEach((chance, extra) => {
    more += chance
    for (const [loss, probability] of losses[extra]!) {
      overflow.set(loss, (overflow.get(loss) ?? 0) + chance * probability)
    }
  })
  const full = [...overflow].map(([loss, probability]) => ({ loss, probability: probability / more }))
  const add = (accepted: readonly number[], share: number) => {
    const last = accepted.length === free
    const probability = last ? more : (counts[accepted.length] ?? 0)
    if (probability > 0) {
      const refused = last ? full : [{ loss: 0, probability: 1 }]
      outcomes.push({ accepted, probability: probability * share, refused })
    }
    if (last || accepted.length >= counts.length) return
    shares.forEach((chance, t) => {
      if (chance > 0) add([...accepted, t], share * chance)
    })
  }
  add([], 1)
  return outcomes
}
