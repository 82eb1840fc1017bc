import type { PreparedData } from '#env/data-contract.js'

const FEW = 40

/** The same data with a few training rows: enough to see whether a fitted policy can be made, in no time. */
export function fewRows(data: PreparedData): PreparedData {
  const { examples } = data
  const rows = examples.rows.slice(0, FEW)
  const rewards = examples.rewards.slice(0, rows.length * examples.actions.length)
  return { ...data, examples: { ...examples, rows, rewards } }
}
