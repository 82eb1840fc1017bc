/**
 * What a learner was shown, kept as plain objects: what the oracles of this folder replay. Nothing here is shared with the
 * learners: discounts, masks and team scores are worked out again.
 */

/** What an agent sees at one moment. */
export interface RecordedView {
  /** Whether it acts now. */
  readonly acts: boolean
  /** The number of its observation. */
  readonly id: number
  /** Its sparse features, 0 where it has none, then its observed numbers, then 1: what linear learners see. */
  readonly inputs: readonly number[]
  /** Actions that it may take, in rising order. */
  readonly legal: readonly number[]
}

/** One agent's part of a step. */
export interface RecordedAgent {
  readonly before: RecordedView
  readonly action: number
  readonly reward: number
  /** What each action would have earned; absent where nobody asked or knows. */
  readonly actionReward?: readonly number[]
  readonly after: RecordedView
}

/** One row of one step, whole: `after` is what follows before any reset. */
export interface RecordedRow {
  readonly stateId: number
  readonly nextStateId: number
  readonly agents: readonly RecordedAgent[]
  readonly terminated: boolean
  /** Whether the row begins anew afterwards. */
  readonly ended: boolean
  readonly elapsed: number
}

/** A run: its steps in order, each with its rows. */
export interface Recorded {
  /** [N], distinct observations of each agent. */
  readonly observations: readonly number[]
  /** [N], actions of each agent. */
  readonly actions: readonly number[]
  readonly states: number
  readonly aggregate: 'team-sum' | 'agent-mean' | 'shared'
  readonly steps: readonly (readonly RecordedRow[])[]
}

/** A run as it concerns some of its agents, who learn as a team of their own: the others are part of the world. */
export function partOf(recorded: Recorded, agents: readonly number[]): Recorded {
  const own = <T>(all: readonly T[]): T[] => agents.map((agent) => all[agent]!)
  return {
    ...recorded,
    observations: own(recorded.observations),
    actions: own(recorded.actions),
    steps: recorded.steps.map((rows) => rows.map((row) => ({ ...row, agents: own(row.agents) }))),
  }
}

/** One agent's part of a step in which it acted, and where it stands. */
export interface Taken {
  readonly step: number
  readonly row: number
  readonly agent: number
  readonly whole: RecordedRow
  readonly part: RecordedAgent
}

/** Whether what follows is worth anything to an agent: not after termination, nor where it acts no more. */
export function actsOn(row: RecordedRow, agent: number): boolean {
  return !row.terminated && row.agents[agent]!.after.acts
}

/** gamma^elapsed for an agent that acts on, else 0. */
export function agentDiscount(row: RecordedRow, agent: number, gamma: number): number {
  return actsOn(row, agent) ? gamma ** row.elapsed : 0
}

/** gamma^elapsed, 0 after termination. */
export function teamDiscount(row: RecordedRow, gamma: number): number {
  return row.terminated ? 0 : gamma ** row.elapsed
}

/** The reward of all agents together, as the environment's score forms it. */
export function teamReward({ aggregate }: Recorded, row: RecordedRow): number {
  const rewards = row.agents.map(({ reward }) => reward)
  if (aggregate === 'shared') return rewards[0]!
  const sum = rewards.reduce((total, reward) => total + reward, 0)
  return aggregate === 'team-sum' ? sum : sum / rewards.length
}

/** A step size, or what it is in the k-th step of all rows. */
export type Rate = number | ((step: number) => number)

/** The step size in the k-th step. */
export function rateAt(rate: Rate, step: number): number {
  return typeof rate === 'number' ? rate : rate(step)
}

/** Who acted in a step: row after row, in each agent after agent. */
export function takenIn(recorded: Recorded, step: number): Taken[] {
  return recorded.steps[step]!.flatMap((whole, row) =>
    whole.agents.flatMap((part, agent) => (part.before.acts ? [{ step, row, agent, whole, part }] : [])),
  )
}

/** Tables [agent][observation][action], all entries `value`. */
export function newTables({ observations, actions }: Recorded, value: number): number[][][] {
  return observations.map((count, i) => Array.from({ length: count }, () => new Array<number>(actions[i]!).fill(value)))
}

/** The highest of some values; 0 where there are none. */
export function highest(values: readonly number[]): number {
  return values.length === 0 ? 0 : Math.max(...values)
}

/** The highest value of an agent's legal actions there. */
export function highestLegal(table: readonly (readonly number[])[], view: RecordedView): number {
  return highest(view.legal.map((action) => table[view.id]![action]!))
}

/** The legal action of highest value, the lowest of equals; -1 where there is none. */
export function bestLegal(table: readonly (readonly number[])[], view: RecordedView): number {
  const values = view.legal.map((action) => table[view.id]![action]!)
  return view.legal[values.indexOf(highest(values))] ?? -1
}

/**
 * How the rows of one step learn: `together`, all from what was known before the step; `in-turn`, each from what the rows before
 * it have taught already.
 */
export type RowOrder = 'together' | 'in-turn'

/** Who acted in a step, in the groups that learn from the same knowledge. */
export function learningGroups(recorded: Recorded, step: number, order: RowOrder): Taken[][] {
  const taken = takenIn(recorded, step)
  return order === 'together' ? [taken] : taken.map((one) => [one])
}

/** What a step says of one action of an agent: what it earned, and what it is worth to go on from it (0 where unknown). */
export interface Told {
  readonly taken: Taken
  readonly action: number
  readonly reward: number
  /** Whether it is the action that was taken, so that what follows the step follows it. */
  readonly followed: boolean
}

/**
 * What is learned from a step: `bandit`, of the action taken; `full`, of the others too whose rewards are told, each as if nothing
 * followed it.
 */
export function toldOf(taken: Taken, feedback: 'bandit' | 'full'): Told[] {
  const { action: own, reward, actionReward } = taken.part
  const others = (feedback === 'full' ? (actionReward ?? []) : []).flatMap((other, action) =>
    action === own || Number.isNaN(other) ? [] : [{ taken, action, reward: other, followed: false }],
  )
  return [{ taken, action: own, reward, followed: true }, ...others]
}
