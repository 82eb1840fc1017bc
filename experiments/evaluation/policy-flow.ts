import { PolicyActions } from '#algorithms/planning/policy-actions.js'
import { ModelError, UsageError } from '#env/errors.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import type { Policy } from '#env/policy.js'
import type { FlowBox, PolicyFlow } from '#env/policy-flow.js'
import type { FlowChart, FlowChartBox } from '#results/model/flow-chart.js'
import { scoreFormat } from '#results/page/numbers.js'
import type { NamedPolicy, PolicySetting } from '../bundles/policy-for.js'
import { Evaluator } from './evaluator.js'
import { ModelCache } from './model-cache.js'

/** The share of episodes below which nothing is followed any more. */
const NOTHING = 1e-12
const MOST_STEPS = 10_000

/** Tells the joint actions that are taken in a state of the model, with their chances. */
type ActionChances = (s: number, each: (action: number, chance: number) => void) => void

/**
 * The chances of a policy's actions on a model.
 * @throws UsageError for a policy that remembers
 */
export function chancesOf(mdp: JointMdp, policy: Policy, name: string): ActionChances {
  if (policy.memory !== undefined) {
    throw new UsageError(`policy "${name}" remembers what it saw: no flow chart by states can be drawn of it`)
  }
  const reader = new PolicyActions(mdp.actionsOf)
  reader.read(policy, mdp.batch)
  return (s, each) => reader.eachJoint(s, mdp.stateIds[s]!, each)
}

/**
 * The course of episodes under a policy, exactly: how many come by each box, and along each arrow.
 * @throws ModelError where episodes don't end
 */
export function policyFlow(flow: PolicyFlow, mdp: JointMdp, chances: ActionChances, name: string): FlowChart {
  const boxes: { -readonly [key in keyof FlowChartBox]: FlowChartBox[key] }[] = []
  const numbers = new Map<string, number>()
  const boxOf = ({ kind, key, phase, title, notes }: FlowBox) => {
    let number = numbers.get(key)
    if (number === undefined) {
      number = boxes.push({ kind, phase, title, notes, share: 0 }) - 1
      numbers.set(key, number)
    }
    return number
  }
  const arrows = new Map<string, { from: number | null; to: number; share: number }>()
  const along = (from: number | null, to: number, share: number) => {
    const key = `${from} ${to}`
    const arrow = arrows.get(key)
    if (arrow === undefined) arrows.set(key, { from, to, share })
    else arrow.share += share
  }
  /** [state][last box], share of the episodes that are there now. */
  let now = new Map<number, Map<number | null, number>>()
  mdp.start.forEach((share, s) => {
    if (share > 0) now.set(s, new Map([[null, share]]))
  })
  for (let step = 0; now.size > 0; step++) {
    if (step === MOST_STEPS)
      throw new ModelError(`policy "${name}": after ${MOST_STEPS} steps some episodes still go on`)
    const next = new Map<number, Map<number | null, number>>()
    for (const [s, shares] of now) {
      chances(s, (action, weight) => {
        const what = flow.step(mdp.stateIds[s]!, action)
        const box = what.kind === 'passes' ? null : boxOf(what)
        let arrived = 0
        const leaving = new Map<number | null, number>()
        for (const [from, all] of shares) {
          const share = all * weight
          if (share < NOTHING) continue
          arrived += share
          if (box === null) leaving.set(from, (leaving.get(from) ?? 0) + share)
          else along(from, box, share)
        }
        if (box !== null) {
          boxes[box]!.share += arrived
          leaving.set(box, arrived)
        }
        const row = s * mdp.numActions + action
        for (let k = mdp.rowStart[row]!; k < mdp.rowStart[row + 1]!; k++) {
          const to = mdp.successor[k]!
          if (mdp.terminal[to] === 1) continue
          const there = next.get(to) ?? new Map<number | null, number>()
          next.set(to, there)
          for (const [from, share] of leaving) {
            const on = share * mdp.probability[k]!
            if (on >= NOTHING) there.set(from, (there.get(from) ?? 0) + on)
          }
        }
      })
    }
    now = next
  }
  return { episodes: flow.episodes, policy: name, phases: flow.phases, boxes, arrows: [...arrows.values()] }
}

/** The optimum of an environment that has flow charts, and policies beside it, each with what it is worth. */
export function flowCharts(
  { entry, config }: PolicySetting,
  model: JointMdp,
  solved: { readonly value: Float64Array; readonly policy: Int32Array; readonly discount: number },
  policies: readonly NamedPolicy[],
): { chart: FlowChart; worth: string }[] {
  const flow = entry.policyFlow!(config)
  const { value, policy, discount } = solved
  const evaluator = new Evaluator(entry, config, { discount, method: 'auto', episodes: 1 }, new ModelCache())
  const fromStart = (values: ArrayLike<number>) =>
    model.start.reduce((sum, p, s) => sum + (p > 0 ? p * values[s]! : 0), 0)
  const worthOf = (name: string, start: number) => `${name} = ${scoreFormat(Math.abs(start))(start)}.`
  return [
    {
      chart: policyFlow(flow, model, (s, each) => each(policy[s]!, 1), 'the optimum'),
      worth: worthOf('V*(start)', fromStart(value)),
    },
    ...policies.map(({ name, policy }) => ({
      chart: policyFlow(flow, model, chancesOf(model, policy, name), name),
      worth: worthOf('V(start)', fromStart(evaluator.values(policy)!)),
    })),
  ]
}
