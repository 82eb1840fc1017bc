import type { TabularMdp } from '#env/mdp/tabular-mdp.js'
import { densePolicyValue, denseSolve } from './dense-solve.js'

/** What one deterministic policy comes to, by exhaustive looking: an oracle of its own, sharing nothing with the planners. */
export interface PolicyFate {
  /** i32 [S]; -1 in terminal states. */
  readonly policy: Int32Array
  /** Whether it ends with probability 1 from every state. */
  readonly ends: boolean
  /** Its total reward, [S]; null where rewards go on for ever from some state. */
  readonly total: number[] | null
  /** Average reward a step of each set of states that it stays in for ever, terminal states apart. */
  readonly gains: readonly number[]
  /** Long-run average reward from each state, [S]; a terminal state earns 0. */
  readonly average: readonly number[]
}

/** Every deterministic policy of a small model. */
export function* everyPolicy(mdp: TabularMdp): Generator<PolicyFate> {
  const { numStates, numActions, rowStart } = mdp
  const choices = Array.from({ length: numStates }, (_, s) => {
    const legal = Array.from({ length: numActions }, (_, a) => a).filter(
      (a) => rowStart[s * numActions + a] !== rowStart[s * numActions + a + 1],
    )
    return legal.length === 0 ? [-1] : legal
  })
  const policies = choices.reduce<number[][]>((all, of) => all.flatMap((p) => of.map((a) => [...p, a])), [[]])
  for (const policy of policies) yield fateOf(mdp, Int32Array.from(policy))
}

function fateOf(mdp: TabularMdp, policy: Int32Array): PolicyFate {
  const { numStates, numActions, rowStart, successor, probability, reward, terminal } = mdp
  const p = Array.from({ length: numStates }, () => new Array<number>(numStates).fill(0))
  const r = new Array<number>(numStates).fill(0)
  for (let s = 0; s < numStates; s++) {
    if (terminal[s] === 1) {
      p[s]![s] = 1
      continue
    }
    const row = s * numActions + policy[s]!
    r[s] = reward[row]!
    for (let k = rowStart[row]!; k < rowStart[row + 1]!; k++) p[s]![successor[k]!]! += probability[k]!
  }
  const reach = p.map((row, s) => row.map((weight, t) => weight > 0 || s === t))
  for (let k = 0; k < numStates; k++)
    for (let i = 0; i < numStates; i++)
      for (let j = 0; j < numStates; j++) if (reach[i]![k] && reach[k]![j]) reach[i]![j] = true
  const recurrent = reach.map((row, s) => row.every((there, t) => !there || reach[t]![s]!))
  const classes: number[][] = []
  for (let s = 0; s < numStates; s++) {
    if (!recurrent[s] || classes.some((members) => members.includes(s))) continue
    classes.push(reach[s]!.flatMap((there, t) => (there ? [t] : [])))
  }
  const gainOf = (members: number[]) => {
    // pi (P - I) = 0 with one equation replaced by sum pi = 1.
    const matrix = members.map((t, i) => members.map((s) => (i === 0 ? 1 : p[s]![t]! - (s === t ? 1 : 0))))
    const share = denseSolve(
      matrix,
      members.map((_, i) => (i === 0 ? 1 : 0)),
    )
    return members.reduce((sum, s, i) => sum + share[i]! * r[s]!, 0)
  }
  const gains = classes.map(gainOf)
  const classOf = (s: number) => classes.findIndex((members) => members.includes(s))
  // The average from a transient state: where it is caught, weighted.
  const average = denseSolve(
    p.map((row, s) => row.map((weight, t) => (s === t ? 1 : 0) - (recurrent[s] ? 0 : weight))),
    p.map((_, s) => (recurrent[s] ? gains[classOf(s)]! : 0)),
  )
  const stops = classes.every((members) => members.every((s) => Math.abs(r[s]!) < 1e-12))
  const settled = { ...mdp, terminal: Uint8Array.from(recurrent, (is) => (is ? 1 : 0)) }
  return {
    policy,
    ends: classes.every((members) => terminal[members[0]!] === 1),
    total: stops ? densePolicyValue(settled, policy, 1) : null,
    gains: gains.filter((_, c) => terminal[classes[c]![0]!] === 0),
    average,
  }
}
