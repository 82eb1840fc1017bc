import { randomUUID } from 'node:crypto'
import { machineClock } from '#agents/client/clock.js'
import { DecisionLog } from '#agents/log/decision-log.js'
import { everyKind } from '#agents/log/every-kind.js'
import { type LogReading, readLog } from '#agents/log/read-log.js'
import type { AnsweringTeam } from '#agents/pipeline/answering-team.js'
import { answeringTeam } from './answering-lead.js'
import { loadAnsweringTeam } from './load-answering-team.js'
import { teamFile } from './shipped-teams.js'

/** A team that is asked here, without a gateway; what it decides is kept in memory. */
export interface OpenTeam {
  readonly name: string
  readonly answering: AnsweringTeam
  /** Where questions for people go; absolute. */
  readonly handOverFile: string
  /** What it has decided so far. */
  log(): LogReading
}

interface OpenOptions {
  /** Environment variables. */
  readonly env: { readonly [name: string]: string | undefined }
  /** Where questions for people go instead of where the team's file says, as the command line gives it. */
  readonly handOvers?: string
}

/** @throws ConfigError with every problem found, located */
export async function openTeam(use: string, options: OpenOptions): Promise<OpenTeam> {
  const loaded = await loadAnsweringTeam(teamFile(use), { ...options, starting: true })
  const lines: string[] = []
  const sink = { append: (line: string) => void lines.push(line), close: () => {} }
  const silent = { info: () => {}, warn: () => {}, error: () => {} }
  const log = new DecisionLog(sink, silent, machineClock)
  const answering = answeringTeam(loaded, { log, clock: machineClock, newId: randomUUID })
  return {
    name: loaded.team.name,
    handOverFile: loaded.handOverFile,
    answering,
    log: () => readLog(lines, everyKind),
  }
}
