import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { machineClock } from '#agents/client/clock.js'
import { DecisionLog } from '#agents/log/decision-log.js'
import { type LogReading, readLog } from '#agents/log/read-log.js'
import type { AnsweringTeam } from '#agents/pipeline/answering-team.js'
import { pipelineSchemas } from '#agents/pipeline/pipeline-lines.js'
import { UnknownNameError } from '#env/errors.js'
import { packageRoot } from '../modules/package-root.js'
import { isPath } from '../modules/user-file.js'
import { answeringTeam } from './answering-lead.js'
import { loadAnsweringTeam } from './load-answering-team.js'

/** The team that answers where none is named. */
export const defaultTeam = 'customer-service'

/** A team that is asked here, without a gateway; what it decides is kept in memory. */
export interface OpenTeam {
  readonly name: string
  readonly answering: AnsweringTeam
  /** What it has decided so far. */
  log(): LogReading
}

/** Where the teams that ship with Cadre are. */
export function shippedTeams(): string {
  return fileURLToPath(new URL('experiments/shipped-teams/', packageRoot()))
}

/**
 * The file of a team: a path, or the name of one that ships with Cadre.
 * @throws UnknownNameError where there is no such team
 */
export function teamFile(use: string): string {
  if (isPath(use) || existsSync(use)) return use
  const file = join(shippedTeams(), use, 'team.yaml')
  if (existsSync(file)) return file
  const names = readdirSync(shippedTeams(), { withFileTypes: true }).flatMap((one) =>
    one.isDirectory() ? [one.name] : [],
  )
  throw new UnknownNameError('team', use, names)
}

/** @throws ConfigError with every problem found, located */
export async function openTeam(use: string, env: { readonly [name: string]: string | undefined }): Promise<OpenTeam> {
  const loaded = await loadAnsweringTeam(teamFile(use), { env })
  const lines: string[] = []
  const sink = { append: (line: string) => void lines.push(line), close: () => {} }
  const silent = { info: () => {}, warn: () => {}, error: () => {} }
  const log = new DecisionLog(sink, silent, machineClock)
  const answering = answeringTeam(loaded, { log, clock: machineClock, newId: randomUUID })
  return { name: loaded.team.name, answering, log: () => readLog(lines, pipelineSchemas) }
}
