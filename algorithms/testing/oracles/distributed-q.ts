import { agentDiscount, highestLegal, newTables, type Recorded, takenIn } from './recorded-step.js'

/**
 * Distributed Q-learning (Lauer and Riedmiller 2000, section 4): each agent believes only good news,
 * q(s, a) = max(q(s, a), r + gamma^elapsed max_b q(s', b)), and changes the action it would choose in a state only when that
 * makes the highest value of its legal actions there higher: agents thereby agree on one of several optima.
 * @param options - `rate`: how much of the way up a value goes; 1 in the paper
 * @returns `q` [agent][observation][action], `policy` [agent][observation], -1 where nothing has been better yet
 */
export function distributedQOracle(
  recorded: Recorded,
  options: { readonly discount: number; readonly initialValue?: number; readonly rate?: number },
): { readonly q: number[][][]; readonly policy: number[][] } {
  const { discount, initialValue = 0, rate = 1 } = options
  const q = newTables(recorded, initialValue)
  const policy = recorded.observations.map((count) => new Array<number>(count).fill(-1))
  recorded.steps.forEach((_, step) => {
    const taken = takenIn(recorded, step)
    const targets = taken.map(({ agent, whole, part }) => {
      const next = agentDiscount(whole, agent, discount)
      return part.reward + (next === 0 ? 0 : next * highestLegal(q[agent]!, part.after))
    })
    taken.forEach(({ agent, part }, k) => {
      const { id } = part.before
      const best = highestLegal(q[agent]!, part.before)
      q[agent]![id]![part.action]! += rate * Math.max(0, targets[k]! - q[agent]![id]![part.action]!)
      if (highestLegal(q[agent]!, part.before) > best) policy[agent]![id] = part.action
    })
  })
  return { q, policy }
}
