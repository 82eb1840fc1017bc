import type { Policy } from '#env/policy.js'
import type { EnvEntry } from '#env/registry.js'
import { Rng } from '#env/rng.js'
import { allocateSlots } from '#env/slot.js'
import type { PolicyViewRecord } from '#results/store/trial-records.js'

/**
 * Draws a policy the way its environment describes: what the team does in each of the states shown.
 * @returns null where the environment has no view, or can't show its states
 */
export function drawPolicy(entry: EnvEntry, config: unknown, policy: Policy): PolicyViewRecord | null {
  const view = entry.policyView?.(config)
  const env = entry.create(config)
  if (view === undefined || env.showState === undefined) return null
  const rng = new Rng('policy-view')
  const buffers = allocateSlots(env.spec, 1)
  env.bind(buffers.rows[0]!)
  const actions = new Int32Array(buffers.layout.agents)
  const batch = { ...buffers, size: 1, memory: Int32Array.of(policy.memory?.initial ?? 0) }
  const choose = (state: number): string | null => {
    if (state < 0) return null
    env.showState!(state)
    policy.act(batch, rng, actions)
    return view.describe(actions)
  }
  return {
    title: view.title,
    legend: [...view.legend],
    panels: view.panels.map(({ title, xLabel, yLabel, x, y, states }) => ({
      title,
      xLabel,
      yLabel,
      x: [...x],
      y: [...y],
      choice: states.map((row) => row.map(choose)),
    })),
  }
}
