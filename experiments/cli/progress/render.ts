import { formatCount, formatDuration, formatPercent, formatScore } from '../format-number.js'
import { textTable } from '../text-table.js'
import { type RunState, saysPace, type TrialProgress } from './run-state.js'

/** The live block: a line a running trial, then the whole run. Lines are cut to `columns`. */
export function renderLive(state: RunState, columns: number, rows: number): string {
  const shown = [...state.running.values()].slice(0, Math.max(1, rows - 3))
  const table = textTable(shown.map(trialCells), [3, 4, 5])
  const hidden = state.running.size - shown.length
  const lines = [...table, ...(hidden > 0 ? [`... and ${hidden} more`] : []), overall(state)]
  return lines.map((line) => line.slice(0, columns)).join('\n')
}

/** One plain line about the whole run. */
export function renderLine(state: RunState): string {
  const first = state.running.values().next().value
  return first === undefined ? overall(state) : `${overall(state)}; ${trialCells(first).join(' ')}`
}

function trialCells(trial: TrialProgress): string[] {
  const { algorithm, environment, seed, step, steps, score, stepsPerSecond, secondsLeft } = trial
  return [
    algorithm,
    environment,
    `seed ${seed}`,
    `${formatCount(step)}/${formatCount(steps)} (${formatPercent(steps === 0 ? 1 : step / steps)})`,
    `return ${score === null ? '-' : formatScore(score)}`,
    `${formatCount(stepsPerSecond)} steps/s`,
    saysPace(trial) ? `${formatDuration(secondsLeft)} left` : '',
  ]
}

function overall(state: RunState): string {
  const { done, failed, stopped, total, secondsLeft } = state
  const parts = [`${done} of ${total} trials done`]
  if (failed > 0) parts.push(`${failed} failed`)
  if (stopped > 0) parts.push(`${stopped} stopped`)
  if (Number.isFinite(secondsLeft)) parts.push(`about ${formatDuration(secondsLeft)} left`)
  return parts.join(', ')
}
