import { createReadStream } from 'node:fs'
import type { Command } from 'commander'
import { RunStateError, StorageError } from '#env/errors.js'
import type { Replay } from '../../replay/replay-dispatch.js'
import { addCommand, type CommandLine, type CommonOptions } from '../command-line.js'
import { formatScore } from '../format-number.js'
import { printJson, printLines } from '../io.js'

/** What `cadre replay --json` prints. */
export interface ReplayDocument {
  readonly ok: boolean
  readonly runs: readonly Replay[]
  /** Lines that could not be read. */
  readonly problems: readonly { readonly line: number; readonly message: string }[]
}

/** `cadre replay LOG...`: exit code 0 when every run agrees with the environment, 1 where one doesn't. */
export function addReplay(program: Command, line: CommandLine): void {
  addCommand(program, 'replay', 'go through what a dispatched team did once more in the environment: does it agree?')
    .argument('<log...>', 'decision log; where it was rotated, its files from the oldest to the newest')
    .action(async (files: string[], { json }: CommonOptions) => {
      const { readLog } = await import('#agents/log/read-log.js')
      const { dispatchSchemas } = await import('#agents/dispatch/dispatch-lines.js')
      const { replayDispatch } = await import('../../replay/replay-dispatch.js')
      const parts: string[] = []
      for (const file of files) parts.push(...(await textOf(file)))
      const reading = readLog(parts, dispatchSchemas)
      const runs = replayDispatch(reading)
      if (runs.length === 0) {
        throw new RunStateError(
          `${files.join(', ')}: no run of a dispatcher; only teams with a \`dispatch\` section write what can be replayed`,
        )
      }
      const ok =
        reading.problems.length === 0 && runs.every(({ difference, agrees }) => difference === null && agrees !== false)
      line.finish(ok ? 0 : 1)
      if (json === true) printJson(line.io, { ok, runs, problems: reading.problems } satisfies ReplayDocument)
      else {
        printLines(line.io, [
          ...runs.flatMap(describe),
          ...reading.problems.map((problem) => `line ${problem.line}: ${problem.message}`),
        ])
      }
    })
}

/** @throws StorageError when it can't be read */
async function textOf(file: string): Promise<string[]> {
  const parts: string[] = []
  try {
    for await (const part of createReadStream(file, 'utf8')) parts.push(part as string)
  } catch (error) {
    throw new StorageError(`${file}: ${(error as Error).message}`, { cause: error, exitCode: 2 })
  }
  return parts
}

function describe(run: Replay): string[] {
  const { utility, booked, difference, interrupted } = run
  const { low, high, perTick, total, unjudged } = utility
  const interval = low === null ? '' : `, 99% ${formatScore(low)} to ${formatScore(high!)}`
  const verdict =
    difference !== null
      ? `DIFFERS   ${difference}`
      : booked === null
        ? 'agrees as far as it goes: the gateway was ended before it could say what it had booked'
        : run.agrees === true
          ? `agrees: the dispatcher booked the same ${formatScore(booked)}`
          : `DIFFERS   the dispatcher booked ${booked}, the environment pays ${total}`
  return [
    `run ${run.episode} of ${run.policy}: ${run.ticks} ticks, ${run.decisions} decisions, ${run.states} states compared`,
    `  utility ${formatScore(total)}, ${formatScore(perTick)} a tick${interval}${unjudged > 0 ? ` (${unjudged} answers not judged: at the skill of the settings)` : ''}`,
    `  ${verdict}`,
    ...(interrupted.length > 0 ? [`  ${interrupted.length} requests were interrupted, such as ${interrupted[0]}`] : []),
  ]
}
