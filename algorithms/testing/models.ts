import fc from 'fast-check'
import { checkMdp, type JointMdp, type TabularMdp } from '#env/mdp/tabular-mdp.js'
import type { Layout } from '#env/spec.js'

/** An outcome: successor, probability, reward, and time where that isn't 1. */
type Outcome = readonly [next: number, probability: number, reward: number, elapsed?: number]

/** A model by its outcomes: `rows[s][a]` lists them; null = illegal. A state without actions is terminal. */
export type ModelRows = readonly (readonly (readonly Outcome[] | null)[])[]

/** A checked model from its outcomes, starting in state 0 unless told otherwise. */
export function modelOf(rows: ModelRows, start?: readonly number[]): TabularMdp {
  const numStates = rows.length
  const numActions = Math.max(...rows.map((actions) => actions.length))
  const rowStart = new Int32Array(numStates * numActions + 1)
  const reward = new Float64Array(numStates * numActions)
  const entries: (readonly [next: number, probability: number, elapsed: number])[] = []
  rows.forEach((actions, s) => {
    for (let a = 0; a < numActions; a++) {
      const merged = new Map<string, readonly [number, number, number]>()
      for (const [next, p, r, elapsed = 1] of actions[a] ?? []) {
        const key = `${next} ${elapsed}`
        merged.set(key, [next, (merged.get(key)?.[1] ?? 0) + p, elapsed])
        reward[s * numActions + a]! += p * r
      }
      entries.push(...[...merged.values()].sort((x, y) => x[0] - y[0] || x[2] - y[2]))
      rowStart[s * numActions + a + 1] = entries.length
    }
  })
  const mdp: TabularMdp = {
    numStates,
    numActions,
    rowStart,
    reward,
    successor: Int32Array.from(entries, ([next]) => next),
    probability: Float64Array.from(entries, ([, p]) => p),
    ...(entries.every(([, , elapsed]) => elapsed === 1)
      ? {}
      : { elapsed: Float64Array.from(entries, ([, , elapsed]) => elapsed) }),
    terminal: Uint8Array.from(rows, (actions) => (actions.every((outcomes) => outcomes === null) ? 1 : 0)),
    start: Float64Array.from({ length: numStates }, (_, s) => start?.[s] ?? (start === undefined && s === 0 ? 1 : 0)),
    stateIds: Int32Array.from({ length: numStates }, (_, s) => s),
  }
  checkMdp(mdp)
  return mdp
}

/**
 * A joint model with what the agents see: by default the number of the state, which every agent sees in full.
 * @param observationOf - number of what agent i sees in state s
 */
export function jointOf(
  mdp: TabularMdp,
  actionsOf: readonly number[] = [mdp.numActions],
  observationOf: (s: number, agent: number) => number = (s) => s,
): JointMdp {
  const n = actionsOf.length
  const width = Math.max(...actionsOf)
  const mask = new Uint8Array(mdp.numStates * n * width)
  for (let s = 0; s < mdp.numStates; s++) {
    for (let joint = 0; joint < mdp.numActions; joint++) {
      const row = s * mdp.numActions + joint
      if (mdp.rowStart[row] === mdp.rowStart[row + 1]) continue
      let rest = joint
      for (let i = n - 1; i >= 0; i--) {
        mask[(s * n + i) * width + (rest % actionsOf[i]!)] = 1
        rest = Math.floor(rest / actionsOf[i]!)
      }
    }
  }
  const layout: Layout = {
    agents: n,
    heads: 1,
    observationSize: 1,
    numActions: width,
    stateSize: 0,
    numQuantities: 0,
    actionsOf: Int32Array.from(actionsOf),
  }
  const observationId = Int32Array.from({ length: mdp.numStates * n }, (_, k) =>
    observationOf(Math.floor(k / n), k % n),
  )
  const batch = {
    layout,
    size: mdp.numStates,
    observation: Float32Array.from(observationId),
    mask,
    observationId,
    stateId: mdp.stateIds,
    state: new Float32Array(0),
  }
  return { ...mdp, actionsOf: layout.actionsOf, agentReward: actionsOf.map(() => mdp.reward), batch }
}

/** Random models: 2..7 states, some terminal, some actions illegal. */
export const randomModel: fc.Arbitrary<TabularMdp> = fc
  .record({ states: fc.integer({ min: 2, max: 7 }), actions: fc.integer({ min: 1, max: 4 }) })
  .chain(({ states, actions }) => {
    const reward = fc.integer({ min: -50, max: 50 }).map((x) => x / 10)
    const outcome = fc.tuple(fc.nat(states - 1), fc.integer({ min: 1, max: 9 }), reward)
    const row = fc.array(outcome, { minLength: 1, maxLength: 4 })
    const illegalOrRow = fc.option(row, { freq: 4 })
    const live = fc.tuple(row, fc.array(illegalOrRow, { minLength: actions - 1, maxLength: actions - 1 }))
    const state = fc.tuple(live, fc.integer({ min: 0, max: 5 }))
    return fc.array(state, { minLength: states, maxLength: states })
  })
  .map((states) =>
    modelOf(
      states.map(([[first, others], kind], s) =>
        // One state in six is terminal, the start isn't.
        kind === 0 && s > 0 ? others.concat([null]).map(() => null) : [first, ...others].map(normalised),
      ),
    ),
  )

/** Random models whose outcomes take times of their own; a successor may be reached in several. */
export const randomTimedModel: fc.Arbitrary<TabularMdp> = fc
  .tuple(randomModel, fc.infiniteStream(fc.constantFrom(0.5, 1, 1, 2, 3.5, 10)))
  .map(([mdp, times]) => {
    const next = () => times.next().value as number
    const rows = rowsOf(mdp).map((actions) =>
      actions.map(
        (outcomes) =>
          outcomes?.flatMap(([successor, probability, reward]) =>
            // One outcome in two is split into two times.
            next() > 1
              ? [
                  [successor, probability / 4, reward, next()] as const,
                  [successor, (3 * probability) / 4, reward, next()] as const,
                ]
              : [[successor, probability, reward, next()] as const],
          ) ?? null,
      ),
    )
    return modelOf(rows)
  })

/** The outcomes of a model, as `modelOf` takes them. */
function rowsOf({ numStates, numActions, rowStart, successor, probability, reward, elapsed }: TabularMdp): ModelRows {
  return Array.from({ length: numStates }, (_, s) =>
    Array.from({ length: numActions }, (_, a) => {
      const row = s * numActions + a
      const from = rowStart[row]!
      const to = rowStart[row + 1]!
      if (from === to) return null
      return Array.from({ length: to - from }, (_, i) => {
        const k = from + i
        return [successor[k]!, probability[k]!, reward[row]!, elapsed?.[k] ?? 1] as const
      })
    }),
  )
}

/** Random models of a team of two with two actions each, every action legal, none terminal. */
export const randomTeamModel: fc.Arbitrary<TabularMdp> = fc.integer({ min: 3, max: 7 }).chain((states) => {
  const outcome = fc.tuple(fc.nat(states - 1), fc.integer({ min: 1, max: 9 }), fc.integer({ min: -9, max: 9 }))
  const row = fc.array(outcome, { minLength: 1, maxLength: 3 })
  return fc
    .array(fc.array(row, { minLength: 4, maxLength: 4 }), { minLength: states, maxLength: states })
    .map((rows) => modelOf(rows.map((actions) => actions.map((outcomes) => normalised(outcomes)))))
})

function normalised(outcomes: readonly (readonly [number, number, number])[] | null) {
  if (outcomes === null) return null
  const total = outcomes.reduce((sum, [, weight]) => sum + weight, 0)
  return outcomes.map(([next, weight, reward]) => [next, weight / total, reward] as const)
}

/** The same model with its states numbered backwards; the state numbers of the environment are renewed. */
export function reversed(mdp: TabularMdp): TabularMdp {
  const last = mdp.numStates - 1
  const rows = rowsOf(mdp).map((actions) =>
    actions.map((outcomes) => outcomes?.map(([next, ...rest]) => [last - next, ...rest] as const) ?? null),
  )
  return modelOf(rows.reverse())
}

/** Puterman's forest: old trees pay, a fire sends back to young ones (pymdptoolbox example.forest). */
export function forest(): TabularMdp {
  const wait = (next: number, reward: number) =>
    [
      [next, 0.9, reward],
      [0, 0.1, reward],
    ] as const
  return modelOf([
    [wait(1, 0), [[0, 1, 0]]],
    [wait(2, 0), [[0, 1, 1]]],
    [wait(2, 4), [[0, 1, 2]]],
  ])
}

/** Two states, two actions: P[0] = [[.5, .5], [.8, .2]], P[1] = [[0, 1], [.1, .9]], R(s, a) = [[5, 10], [-1, 2]] (pymdptoolbox example.small). */
export function smallTwoByTwo(): TabularMdp {
  const row = (p: number, reward: number) =>
    [[0, p, reward] as const, [1, 1 - p, reward] as const].filter(([, q]) => q > 0)
  return modelOf([
    [row(0.5, 5), row(0, 10)],
    [row(0.8, -1), row(0.1, 2)],
  ])
}

/** Random models that never come back to a state: each action leads to states of higher number, the last is terminal. */
export const acyclicModel: fc.Arbitrary<TabularMdp> = randomModel.map(forwards)

/** The same with times. */
export const acyclicTimedModel: fc.Arbitrary<TabularMdp> = randomTimedModel.map(forwards)

function forwards(mdp: TabularMdp): TabularMdp {
  const last = mdp.numStates
  const rows = rowsOf(mdp).map((actions, s) =>
    actions.map(
      (outcomes) => outcomes?.map(([next, ...rest]) => [s + 1 + (next % (last - s)), ...rest] as const) ?? null,
    ),
  )
  return modelOf([...rows, new Array<null>(mdp.numActions).fill(null)])
}

/** The example of the MDPSolver README: 3 states, 2 actions. */
export function mdpSolverExample(): TabularMdp {
  const p = [
    [
      [0.9, 0.1, 0],
      [0.1, 0.9, 0],
    ],
    [
      [0.4, 0.5, 0.1],
      [0.3, 0.5, 0.2],
    ],
    [
      [0.2, 0.2, 0.6],
      [0.5, 0.5, 0],
    ],
  ]
  const r = [
    [5, -1],
    [1, -2],
    [50, 0],
  ]
  return modelOf(
    p.map((actions, s) =>
      actions.map((row, a) =>
        row.map((probability, next) => [next, probability, r[s]![a]!] as const).filter(([, x]) => x > 0),
      ),
    ),
  )
}

/**
 * One state in which a step is taken slowly or fast, and an end that comes with probability 0.1 a step: `slow` (action 0) earns 2 in
 * time 10, `fast` (action 1) 1.5 in time 1. At gamma 0.9 fast is worth 1.5 / (1 - 0.9^2) = 7.894736842 and slow for ever
 * 2 / (1 - 0.9^11) = 2.914647; by steps alone slow looks better.
 */
export function slowOrFast(): TabularMdp {
  const step = (reward: number, time: number) => [[0, 0.9, reward, time] as const, [1, 0.1, reward, time] as const]
  return modelOf([
    [step(2, 10), step(1.5, 1)],
    [null, null],
  ])
}
