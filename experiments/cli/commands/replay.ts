import { createReadStream, existsSync, realpathSync } from 'node:fs'
import type { Command } from 'commander'
import { RunStateError, StorageError, UsageError } from '#env/errors.js'
import type { Replay } from '../../replay/replay-dispatch.js'
import { addCommand, type CommandLine, type CommonOptions } from '../command-line.js'
import { countOf, formatScore } from '../format-number.js'
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
      const { everyKind } = await import('#agents/log/every-kind.js')
      const { replayDispatch } = await import('../../replay/replay-dispatch.js')
      const { beginsAsLog } = await import('#agents/log/log-beginning.js')
      refuseTwice(files)
      const texts: string[][] = []
      for (const file of files) {
        const parts = await textOf(file)
        if (!beginsAsLog(parts.find((part) => part.trim() !== '')?.trimStart() ?? '')) {
          throw new UsageError(`${file}: not a decision log; give the file that log.file of the team names`)
        }
        texts.push(parts)
      }
      const reading = readLog(wholeLines(texts), everyKind)
      const runs = replayDispatch(reading)
      if (runs.length === 0) {
        const why = reading.records.some(({ kind }) => kind === 'tick')
          ? 'it has no beginning of a run of a dispatcher, which an older file has; give that, too, the oldest first'
          : 'no run of a dispatcher; only teams with a `dispatch` section, and specialists with one, write what can be replayed'
        throw new RunStateError(`${files.join(', ')}: ${why}`)
      }
      const ok =
        reading.problems.length === 0 && runs.every(({ difference, agrees }) => difference === null && agrees !== false)
      line.finish(ok ? 0 : 1)
      if (json === true) printJson(line.io, { ok, runs, problems: reading.problems } satisfies ReplayDocument)
      else {
        printLines(line.io, [
          ...runs.flatMap(describe),
          ...reading.problems.slice(0, shownProblems).map(({ line, message }) => `line ${line}: ${message}`),
          ...(reading.problems.length > shownProblems
            ? [`and ${reading.problems.length - shownProblems} more lines; --json has them all`]
            : []),
        ])
      }
    })
}

/** So many lines that could not be read are shown. */
const shownProblems = 20

/** @throws UsageError where a file is given twice, by whatever name */
function refuseTwice(files: readonly string[]): void {
  const paths = files.map((file) => (existsSync(file) ? realpathSync(file) : file))
  const twice = files.find((_, k) => paths.indexOf(paths[k]!) < k)
  if (twice !== undefined) throw new UsageError(`${twice} is given twice; give each file once, the oldest first`)
}

/** @throws StorageError when it can't be read */
async function textOf(file: string): Promise<string[]> {
  const parts: string[] = []
  try {
    for await (const part of createReadStream(file, 'utf8')) parts.push(part as string)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'this is a folder, expected a log' : message
    throw new StorageError(`${file}: ${why}`, { cause: error, exitCode: 2 })
  }
  return parts
}

/** The texts one after the other. What a crash has left of the last line of one that was then moved away is none of the next one's. */
function wholeLines(texts: readonly (readonly string[])[]): string[] {
  return texts.flatMap((parts, k) => {
    if (k === texts.length - 1) return parts
    const end = parts.findLastIndex((part) => part.includes('\n'))
    if (end < 0) return []
    return [...parts.slice(0, end), parts[end]!.slice(0, parts[end]!.lastIndexOf('\n') + 1)]
  })
}

function describe(run: Replay): string[] {
  const { utility, booked, paid, difference, interrupted } = run
  const { low, high, perTick, total, unjudged } = utility
  const interval = low === null ? '' : `, 99% ${formatScore(low)} to ${formatScore(high!)}`
  const verdict =
    difference !== null
      ? `DIFFERS   ${difference}`
      : booked === null
        ? 'agrees as far as it goes: the gateway is running still, or was killed, and has not said what it booked'
        : run.agrees === true
          ? `agrees: the dispatcher booked the same ${formatScore(booked)}`
          : `DIFFERS   the dispatcher booked ${booked}, the environment pays ${paid}`
  return [
    `run ${run.episode} of ${run.policy}${run.decide === 'events' ? ', decisions at events' : ''}: ${countOf(run.ticks, 'tick')}, ${countOf(run.decisions, 'decision')}, ${countOf(run.states, 'state')} compared`,
    `  utility ${formatScore(total)}, ${formatScore(perTick)} a tick${interval}${unjudged > 0 ? ` (${countOf(unjudged, 'answer')} not judged: at the skill of the settings)` : ''}`,
    `  ${verdict}`,
    ...(interrupted.length > 0
      ? [
          `  ${interrupted.length === 1 ? '1 request was' : `${interrupted.length} requests were`} interrupted, such as ${interrupted[0]}`,
        ]
      : []),
  ]
}
