import { actsOn, agentDiscount, highestLegal, newTables, type Recorded, type Taken, takenIn } from './recorded-step.js'

/**
 * Lenient learning (Panait, Sullivan and Luke 2006) in its form for stochastic games, LMRL2 (Wei and Luke 2016, section 4): a
 * pair that has rarely been taken is hot, and news worse than expected is then mostly ignored. With the target R of Q-learning,
 * Q(s, a) moves when Q(s, a) <= R or a uniform draw lies below 1 - exp(-1 / (leniency T(s, a))). Then T(s, a) cools:
 * decay ((1 - diffusion) T(s, a) + diffusion mean_b T(s', b)), the mean over the legal actions of s'; without diffusion where the
 * agent acts no more or the episode terminated.
 *
 * Targets, leniency and the temperatures of s' are those before the step; what moves and cools is as it stands, row after row.
 * @param options - `draw`: the uniform number of an agent's step, in [0, 1)
 * @returns `q` and `temperature`, both [agent][observation][action]
 */
export function lenientQOracle(
  recorded: Recorded,
  options: {
    readonly discount: number
    readonly rate: number
    readonly initialValue?: number
    readonly maxTemperature: number
    readonly decay: number
    readonly diffusion: number
    readonly leniency: number
    readonly draw: (taken: Taken) => number
  },
): { readonly q: number[][][]; readonly temperature: number[][][] } {
  const { discount, rate, initialValue = 0, maxTemperature, decay, diffusion, leniency, draw } = options
  const q = newTables(recorded, initialValue)
  const temperature = newTables(recorded, maxTemperature)
  recorded.steps.forEach((_, step) => {
    const moves = takenIn(recorded, step).map((taken) => {
      const { agent, whole, part } = taken
      const next = agentDiscount(whole, agent, discount)
      const target = part.reward + (next === 0 ? 0 : next * highestLegal(q[agent]!, part.after))
      const heat = part.after.legal.map((action) => temperature[agent]![part.after.id]![action]!)
      const now = temperature[agent]![part.before.id]![part.action]!
      const lenient = draw(taken) >= 1 - Math.exp(-1 / (leniency * now))
      return {
        agent,
        part,
        target,
        believes: !lenient || q[agent]![part.before.id]![part.action]! <= target,
        warmth: actsOn(whole, agent) ? heat.reduce((sum, t) => sum + t, 0) / heat.length : undefined,
      }
    })
    for (const { agent, part, target, believes, warmth } of moves) {
      const values = q[agent]![part.before.id]!
      const heat = temperature[agent]![part.before.id]!
      if (believes) values[part.action]! += rate * (target - values[part.action]!)
      const now = heat[part.action]!
      heat[part.action] = decay * (warmth === undefined ? now : (1 - diffusion) * now + diffusion * warmth)
    }
  })
  return { q, temperature }
}
