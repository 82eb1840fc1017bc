import { type Check, fail } from './check.js'
import { type DeclaredRow, declaredTime } from './declared-model.js'
import { type Model, type Visit, withModel } from './model-visits.js'

/** A cell of the frequency test must be expected at least this often. */
const LEAST_EXPECTED = 10

/** Standard deviations beyond which frequencies differ: by chance less than once in a million runs. */
const FREQUENCY_SIGMAS = 5

/** How unlikely rewards must be under the model before they count as different. */
const REWARD_ODDS = 1e9

/** Steps seen again before rewards that never vary count as certain. */
const CERTAIN_AFTER = 200

/** Differences of rounding. */
const ROUNDING = 1e-9

/** What simulation and model must agree on, within bounds that chance doesn't reach. */
export const modelStatistics: readonly Check[] = [
  {
    name: 'model-frequencies',
    promise: 'simulated transitions come as often as the model says',
    run: withModel((model) => {
      let statistic = 0
      let freedom = 0
      let worst = { excess: 0, text: '' }
      for (const visits of groupVisits(model, ({ state, actions }) => `${state}:${actions.join()}`)) {
        const { state, actions } = visits[0]!
        const row = chiSquare(model.rowOf(state, actions), visits)
        statistic += row.statistic
        freedom += row.freedom
        if (row.excess > worst.excess) {
          worst = { excess: row.excess, text: `state ${state} under actions [${actions.join(', ')}]: ${row.text}` }
        }
      }
      if (freedom > 0 && deviations(statistic, freedom) > FREQUENCY_SIGMAS) {
        fail(`simulation and model disagree on how likely successors are, most in ${worst.text}`)
      }
    }),
  },
  {
    name: 'model-rewards',
    promise: "simulated rewards agree with each agent's expected reward in the model",
    run: withModel((model, { spec }) => {
      const groups = bySuccessor(model)
      spec.agents.forEach(({ name }, place) => {
        checkNumber(model, groups, { place, name: `the reward of agent "${name}"` })
      })
    }),
  },
  {
    name: 'model-costs',
    promise: 'simulated quantities agree with the expected costs of the model, where spec.costs names them',
    run: withModel((model, { spec }) => {
      if (spec.costs === undefined) return
      const groups = bySuccessor(model)
      spec.costs.forEach((name, i) => {
        checkNumber(model, groups, { place: spec.agents.length + i, name: `quantity "${name}"` })
      })
    }),
  },
]

/** A number that model and simulation must agree on. */
interface Measured {
  /** Where it stands among the numbers of a visit. */
  readonly place: number
  /** For messages. */
  readonly name: string
}

function bySuccessor(model: Model): Visit[][] {
  return groupVisits(model, ({ state, actions, next }) => `${state}:${actions.join()}:${next}`)
}

function checkNumber(model: Model, groups: readonly Visit[][], measured: Measured): void {
  const expectedOf = ({ state, actions, next }: Visit) => {
    return model.rowOf(state, actions).get(next)?.expected[measured.place]
  }
  const varies = ({ state, actions, next }: Visit) => model.rowOf(state, actions).varies(next, measured.place)
  const certain = groups.filter(([visit]) => !varies(visit!))
  checkCertain(certain, measured, expectedOf)
  checkByBetting(model, groups, measured, expectedOf)
}

function groupVisits({ visits }: Model, keyOf: (visit: Visit) => string): Visit[][] {
  const groups = new Map<string, Visit[]>()
  for (const visit of visits) {
    const group = groups.get(keyOf(visit))
    if (group === undefined) groups.set(keyOf(visit), [visit])
    else group.push(visit)
  }
  return [...groups.values()]
}

/** Pearson's statistic of one row, its cells successors and times; those expected too rarely are taken together. */
function chiSquare(row: DeclaredRow, visits: readonly Visit[]) {
  const counts = new Map<string, number>()
  for (const { next, elapsed } of visits) {
    const successor = row.get(next)
    const key = `${next} ${successor === undefined ? elapsed : declaredTime(successor, elapsed)}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const cells: { name: string; expected: number; got: number }[] = []
  const rest = { name: 'the rare ones', expected: 0, got: 0 }
  for (const next of row.states) {
    const { times } = row.get(next)!
    for (const { time, probability } of times) {
      const name = times.length > 1 ? `successor ${next} in time ${time}` : `successor ${next}`
      const cell = { name, expected: probability * visits.length, got: counts.get(`${next} ${time}`) ?? 0 }
      if (cell.expected >= LEAST_EXPECTED) {
        cells.push(cell)
      } else {
        rest.expected += cell.expected
        rest.got += cell.got
      }
    }
  }
  if (rest.expected >= LEAST_EXPECTED) cells.push(rest)
  let statistic = 0
  let worst = { excess: 0, text: '' }
  for (const { name, expected, got } of cells) {
    const excess = (got - expected) ** 2 / expected
    statistic += excess
    if (excess > worst.excess) {
      worst = { excess, text: `${name} came ${got} times in ${visits.length}, expected ${expected.toFixed(1)}` }
    }
  }
  return { statistic: cells.length > 1 ? statistic : 0, freedom: Math.max(0, cells.length - 1), ...worst }
}

/** A chi-square statistic in standard deviations (Wilson and Hilferty 1931). */
function deviations(statistic: number, freedom: number): number {
  const spread = 2 / (9 * freedom)
  return (Math.cbrt(statistic / freedom) - (1 - spread)) / Math.sqrt(spread)
}

type Expected = (visit: Visit) => number | undefined

/** Where a number never varies between equal transitions, and the model doesn't say that it does, it must equal its expectation. */
function checkCertain(groups: readonly Visit[][], { place, name }: Measured, expectedOf: Expected): void {
  let again = 0
  for (const visits of groups) {
    if (visits.some(({ numbers }) => numbers[place] !== visits[0]!.numbers[place])) return
    again += visits.length - 1
  }
  if (again < CERTAIN_AFTER) return
  for (const [visit] of groups) {
    const expected = expectedOf(visit!)
    const got = visit!.numbers[place]!
    if (expected !== undefined && !near(got, expected)) fail(numberMessage(name, visit!, `${got}`, expected))
  }
}

/**
 * Numbers that vary: bets against the model. Under it each bet is fair, so the money made from 1 exceeds `REWARD_ODDS`
 * with probability below 1 / REWARD_ODDS however long the run (Ville's inequality).
 */
function checkByBetting(
  { visits, rowOf }: Model,
  groups: readonly Visit[][],
  { place, name }: Measured,
  expectedOf: Expected,
): void {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const { numbers, state, actions } of visits) {
    const row = rowOf(state, actions)
    low = Math.min(low, numbers[place]!, row.lowest[place]!)
    high = Math.max(high, numbers[place]!, row.highest[place]!)
  }
  if (!(high > low)) return
  for (const stake of [0.9, -0.9, 0.3, -0.3, 0.1, -0.1, 0.03, -0.03]) {
    let money = 0
    for (const visit of visits) {
      const expected = expectedOf(visit)
      if (expected !== undefined) money += Math.log1p((stake * (visit.numbers[place]! - expected)) / (high - low))
    }
    if (money <= Math.log(REWARD_ODDS)) continue
    const mean = (group: readonly Visit[]) =>
      group.reduce((sum, { numbers }) => sum + numbers[place]!, 0) / group.length
    const gap = (group: readonly Visit[]) =>
      group.length * Math.abs(mean(group) - (expectedOf(group[0]!) ?? mean(group)))
    const worst = groups.reduce((most, group) => (gap(group) > gap(most) ? group : most))
    const got = worst.length > 1 ? `${mean(worst)} on average of ${worst.length}` : `${mean(worst)}`
    fail(numberMessage(name, worst[0]!, got, expectedOf(worst[0]!)!))
  }
}

function numberMessage(name: string, { state, actions, next }: Visit, got: string, expected: number): string {
  return `state ${state} under actions [${actions.join(', ')}] to ${next}: ${name} was ${got}, the model expects ${expected}`
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= ROUNDING * Math.max(1, Math.abs(a), Math.abs(b))
}
