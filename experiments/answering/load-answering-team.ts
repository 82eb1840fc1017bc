import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { AgentClient } from '#agents/client/agent-client.js'
import { type Clock, machineClock } from '#agents/client/clock.js'
import { CheckedAgent } from '#agents/contract/checked-agent.js'
import type { PolicyIdentity } from '#agents/gateway/record-decision.js'
import { LaterLog } from '#agents/log/later-log.js'
import type { Difficulty } from '#agents/pipeline/difficulty.js'
import { OptimalLeader, type PipelineLeader, PolicyLeader } from '#agents/pipeline/pipeline-leader.js'
import type { Member, Stage } from '#agents/pipeline/pipeline-walk.js'
import { ConfidenceJudge } from '#agents/pipeline/stage-judge.js'
import { LinearPattern } from '#agents/team/linear-pattern.js'
import { type AnsweringTeamFile, answeringTeamSchema } from '#agents/team/pipeline-schema.js'
import { serviceProblems } from '#agents/team/team-problems.js'
import { ConfigError, unknownNameMessage } from '#env/errors.js'
import { type RoutingPipelineConfig, routingPipelineConfig } from '#env/routing-pipeline/config.js'
import { routingPipeline } from '#env/routing-pipeline/entry.js'
import { PipelineRules } from '#env/routing-pipeline/pipeline-rules.js'
import { pipelineSpec } from '#env/routing-pipeline/pipeline-view.js'
import { policyFor } from '../bundles/policy-for.js'
import { readBundle } from '../bundles/read-bundle.js'
import type { ConfigDocument } from '../config/config-document.js'
import { isMapping } from '../config/entry-reader.js'
import { type Checked, checkWithSchema } from '../config/parse-with-schema.js'
import { readDocument } from '../config/read-document.js'
import { whyUnreadable } from '../data/why-unreadable.js'
import { solvePipeline } from '../pipeline/solve-pipeline.js'
import { applyOptions } from '../serve/load-team.js'
import { unwritable } from '../serve/unwritable.js'
import { noteIdleSettings } from './idle-settings.js'
import { type Making, makeAgent, type Note, nobody, type Path } from './make-agent.js'
import { isShippedTeam } from './shipped-teams.js'

/** A team that can answer: everything checked and read. */
export interface LoadedAnsweringTeam {
  readonly team: AnsweringTeamFile
  readonly config: RoutingPipelineConfig
  readonly rules: PipelineRules
  readonly stages: readonly Stage[]
  /** Of the agents' endpoints, by name. */
  readonly clients: ReadonlyMap<string, AgentClient>
  /** Of the agents, until their team has one. */
  readonly agentLog: LaterLog
  readonly leader: PipelineLeader
  readonly policy: PolicyIdentity
  readonly difficulty: Difficulty
  /** Absolute paths. */
  readonly logFile: string
  readonly handOverFile: string
  readonly document: ConfigDocument
}

interface Options {
  /** Come before those of the file. */
  readonly host?: string
  readonly port?: number
  /** Environment variables. */
  readonly env: { readonly [name: string]: string | undefined }
  /** Where questions for people go, relative to where the command was started; comes before that of the file. */
  readonly handOvers?: string
  /** Whether questions are to be answered: then it is looked whether one could be handed over, before anything is done. */
  readonly starting?: boolean
  /** What agents are held to. Default: the machine's. */
  readonly clock?: Clock
}

/**
 * Reads and checks a team that answers questions, and makes its agents. Paths are relative to the file's folder; what a
 * team that ships with Cadre writes goes to where the command was started.
 * @throws ConfigError with every problem found, each with file, line and column
 */
export async function loadAnsweringTeam(file: string, options: Options): Promise<LoadedAnsweringTeam> {
  const { env, clock = machineClock } = options
  const document = readDocument(file)
  applyOptions(document, options)
  putHandOvers(document, options.handOvers)
  const checked = checkWithSchema(answeringTeamSchema, document, [], document.data)
  if ('problems' in checked) throw new ConfigError(checked.problems)
  const team = checked.value
  const baseDir = dirname(resolve(file))
  const problems = serviceProblems(team).map(({ path, message }) => document.problem(path, message))
  const note = (path: Path, message: string) => void problems.push(document.problem(path, message))
  const environment = readEnvironment(team.pipeline.environment, baseDir, document)
  if ('problems' in environment) throw new ConfigError(environment.problems)
  const config = environment.value
  const rules = new PipelineRules(config)
  const difficulty = {
    words: wordsOf(team, rules, note),
    looks: looksOf(team, rules, note),
    characters: team.limits.promptCharacters,
  }
  const clients = new Map<string, AgentClient>()
  const agentLog = new LaterLog()
  const resources = { baseDir, env, clock, document, clients, log: agentLog }
  const making = { ...resources, note, problems, vocabularies: [], mentions: [] }
  const stages = makeStages(team, config, making)
  noteIdleSettings(team, config, stages, making)
  const led = await readLeader(team, config, rules, baseDir, note)
  const written = isShippedTeam(file) ? process.cwd() : baseDir
  const logFile = resolve(written, team.log.file)
  const handOverFile = resolve(written, team.pipeline.handOver.file)
  if (options.starting === true) {
    const why = unwritable(handOverFile)
    if (why !== null) note(['pipeline', 'handOver', 'file'], `questions for people can't be kept: ${why}`)
  }
  if (problems.length > 0 || led === null) throw new ConfigError(problems)
  return { team, config, rules, stages, clients, agentLog, ...led, difficulty, logFile, handOverFile, document }
}

/** Puts what the command line says of questions for people into the document. */
function putHandOvers(document: ConfigDocument, file: string | undefined): void {
  if (file === undefined || !isMapping(document.data) || !isMapping(document.data.pipeline)) return
  const { pipeline } = document.data
  const { handOver = {} } = pipeline
  if (!isMapping(handOver)) return
  pipeline.handOver = { ...handOver, file: resolve(file) }
  document.markGiven(['pipeline', 'handOver', 'file'], `--hand-overs ${file}`)
}

const environmentPath: Path = ['pipeline', 'environment']

function readEnvironment(
  given: AnsweringTeamFile['pipeline']['environment'],
  baseDir: string,
  document: ConfigDocument,
): Checked<RoutingPipelineConfig> {
  if (typeof given !== 'string') return checkWithSchema(routingPipelineConfig, document, environmentPath, given)
  try {
    const own = readDocument(resolve(baseDir, given))
    return checkWithSchema(routingPipelineConfig, own, [], own.data)
  } catch (error) {
    if (error instanceof ConfigError && error.problems.some(({ line }) => line !== undefined)) return error
    return { problems: [document.problem(environmentPath, `${given}: ${whyUnreadable(error)}`)] }
  }
}

function wordsOf({ pipeline }: AnsweringTeamFile, { grades }: PipelineRules, note: Note): readonly number[] {
  const words = pipeline.words ?? [24, 12].slice(0, grades - 1)
  if (words.length !== grades - 1) {
    note(
      pipeline.words === undefined ? ['pipeline'] : ['pipeline', 'words'],
      `expected ${grades - 1} numbers of words, one a grade above the lowest, got ${words.length}`,
    )
  }
  if (words.some((count, g) => g > 0 && count >= words[g - 1]!)) {
    note(['pipeline', 'words'], `expected numbers that fall, got ${words.join(', ')}: fewer words look easier`)
  }
  return words
}

function looksOf({ pipeline }: AnsweringTeamFile, { grades }: PipelineRules, note: Note): Difficulty['looks'] {
  return pipeline.looks.map(({ pattern, grade }, k) => {
    if (grade >= grades) note(['pipeline', 'looks', k, 'grade'], `expected a grade below ${grades}, got ${grade}`)
    return { pattern: new LinearPattern(pattern), grade }
  })
}

/** Every place of the environment with its agent. */
function makeStages({ pipeline }: AnsweringTeamFile, config: RoutingPipelineConfig, making: Making): Stage[] {
  const { note, clock } = making
  const places = config.stages.flatMap(({ name, agents }) => agents.map((agent) => `${name}/${agent.name}`))
  for (const place of Object.keys(pipeline.agents)) {
    if (!places.includes(place)) note(['pipeline', 'agents', place], unknownNameMessage('place', place, places))
  }
  const grades = config.entry.length
  const equal = Array.from({ length: grades - 1 }, (_, g) => (g + 1) / grades)
  return config.stages.map((stage) => {
    const bounds: (readonly number[])[] = []
    const asUnderstood = stage.agents.map((one) => pipeline.agents[`${stage.name}/${one.name}`]?.asUnderstood ?? false)
    const members = stage.agents.map((numbers): Member => {
      const place = `${stage.name}/${numbers.name}`
      const given = pipeline.agents[place]
      const at: Path = ['pipeline', 'agents', place]
      if (given === undefined) note(['pipeline', 'agents'], `${place} has nobody; add ${place}: { use: ... }`)
      const own = given?.bounds ?? equal
      if (own.length !== grades - 1 || own.some((bound, g) => g > 0 && bound <= own[g - 1]!)) {
        note([...at, 'bounds'], `expected ${grades - 1} confidences that rise, got ${own.join(', ')}`)
      }
      bounds.push(own)
      const made = given === undefined ? null : makeAgent(place, given, at, making)
      const agent = new CheckedAgent(made ?? nobody(place), clock)
      return {
        agent,
        timeoutMs: given?.timeoutMs ?? 10_000,
        expectedMs: numbers.latencyS * 1000,
        expectedUsd: numbers.price,
        isUp: () => agent.isUp(),
        ...(given?.memory === undefined ? {} : { memory: given.memory }),
      }
    })
    return { name: stage.name, members, judge: new ConfidenceJudge(bounds, asUnderstood) }
  })
}

/** Who decides. */
async function readLeader(
  { policy }: AnsweringTeamFile,
  config: RoutingPipelineConfig,
  rules: PipelineRules,
  baseDir: string,
  note: Note,
): Promise<{ leader: PipelineLeader; policy: PolicyIdentity } | null> {
  const setting = {
    entry: routingPipeline,
    config: JSON.parse(JSON.stringify(config)),
    spec: pipelineSpec(config, rules),
  }
  if (typeof policy === 'string') {
    const folder = resolve(baseDir, policy)
    if (!existsSync(folder)) {
      note(['policy'], `${policy}: there is no such folder; a rule is named so: policy: { use: ${policy} }`)
      return null
    }
    try {
      const { algorithm, sha256 } = readBundle(folder).description
      const { policy: trained } = await policyFor(folder, setting, { baseDir })
      return {
        leader: new PolicyLeader(algorithm.name, trained, rules, config, 'answering'),
        policy: { name: algorithm.name, sha256, version: algorithm.version, encoder: null },
      }
    } catch (error) {
      note(['policy'], (error as Error).message)
      return null
    }
  }
  const { use } = policy
  const identity = { name: use, sha256: null, version: null, encoder: null }
  if (use === 'optimal') {
    return {
      leader: new OptimalLeader(rules, (present, from) => solvePipeline(config, present, from)),
      policy: identity,
    }
  }
  const rulesByName = routingPipeline.policies ?? []
  const known = ['optimal', ...rulesByName.map(({ name }) => name).filter((name) => name !== 'chain')]
  if (!known.includes(use)) {
    note(['policy', 'use'], unknownNameMessage('policy', use, known))
    return null
  }
  const { policy: rule } = await policyFor(use, setting, { baseDir })
  return { leader: new PolicyLeader(use, rule, rules, config, 'answering'), policy: identity }
}
