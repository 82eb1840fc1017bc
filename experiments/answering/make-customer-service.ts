import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { type Clock, stillClock } from '#agents/client/clock.js'
import { DecisionLog } from '#agents/log/decision-log.js'
import { readLog } from '#agents/log/read-log.js'
import { AnsweringTeam } from '#agents/pipeline/answering-team.js'
import type { PipelineLeader } from '#agents/pipeline/pipeline-leader.js'
import { pipelineSchemas } from '#agents/pipeline/pipeline-lines.js'
import type { Example } from '#agents/understanding/example.js'
import { encodeModel } from '#agents/understanding/model-format.js'
import { readExamples } from '#agents/understanding/read-examples.js'
import { trainUnderstanding } from '#agents/understanding/train-model.js'
import { RunStateError } from '#env/errors.js'
import { Rng } from '#env/rng.js'
import { type RoutingPipelineConfig, routingPipelineConfig } from '#env/routing-pipeline/config.js'
import type { PipelineRules } from '#env/routing-pipeline/pipeline-rules.js'
import { calibratePipeline, type PipelineCalibration } from '../calibrate/calibrate-pipeline.js'
import { loadExperiment } from '../config/load-experiment.js'
import { planTrials } from '../plan/plan-trials.js'
import { train } from '../train.js'
import {
  type Conversation,
  heldOutSchema,
  isRight,
  makeConversations,
  type Part,
  type Phrases,
  phrasesSchema,
  type Shop,
} from './conversations.js'
import { judgeTeam } from './judge-team.js'
import { type LoadedAnsweringTeam, loadAnsweringTeam } from './load-answering-team.js'
import { shippedTeams } from './shipped-teams.js'

/** Where the team lies that `cadre ask` asks. */
export const customerService = join(shippedTeams(), 'customer-service')

/** What making the team writes; everything else in its folder is written by people. */
export const madeFiles = [
  'training.jsonl',
  'understanding.model',
  'instance.yaml',
  'policy/policy.json',
  'policy/weights.safetensors',
] as const

const folds = 3
const silent = { info: () => {}, warn: () => {}, error: () => {} }

/** What the team's files say. */
export function readShop(folder = customerService): { phrases: Phrases; shop: Shop } {
  const text = (name: string) => readFileSync(join(folder, name), 'utf8')
  const heldOut = heldOutSchema.parse(parse(text('held-out.yaml')))
  const phrases = Object.entries(phrasesSchema.parse(parse(text('phrases.yaml')))).map(([intent, said]) => {
    return [intent, { ...said, heldOut: heldOut[intent] ?? [] }] as const
  })
  return {
    phrases: Object.fromEntries(phrases),
    shop: { orders: JSON.parse(text('orders.json')), products: JSON.parse(text('products.json')) },
  }
}

/** One conversation for each wording that the team has not learned from. */
export function unseenConversations(part: Exclude<Part, 'train'>): Conversation[] {
  const { phrases, shop } = readShop()
  return makeConversations(phrases, shop, part, 1, 0.2, new Rng(`customer-service ${part}`))
}

/**
 * Makes the team's training data, model, settings and trained policy again from its phrases, records, documents and prior.yaml: the same bytes on
 * every machine, whatever the files said before. Time stands still meanwhile, so that no answer hangs on how busy the machine is.
 */
export async function makeCustomerService(folder = customerService): Promise<PipelineCalibration> {
  const { phrases, shop } = readShop(folder)
  const rng = new Rng('customer-service')
  const training = makeConversations(phrases, shop, 'train', 6, 0.2, rng.fork('training'))
  writeFileSync(join(folder, 'training.jsonl'), linesOf(training))
  writeFileSync(join(folder, 'understanding.model'), encodeModel(trainUnderstanding(examplesOf(training))))
  const lines: string[] = []
  for (let fold = 0; fold < folds; fold++) {
    // Wordings that the model of this fold has not seen.
    const [seen, unseen] = split(phrases, fold)
    const model = trainUnderstanding(
      examplesOf(makeConversations(seen, shop, 'train', 6, 0.2, rng.fork(`seen ${fold}`))),
    )
    const conversations = makeConversations(unseen, shop, 'train', 12, 0.2, rng.fork(`unseen ${fold}`))
    const temporary = mkdtempSync(join(tmpdir(), 'cadre-make-'))
    try {
      cpSync(folder, temporary, { recursive: true })
      writeFileSync(join(temporary, 'understanding.model'), encodeModel(model))
      cpSync(join(folder, 'prior.yaml'), join(temporary, 'instance.yaml'))
      lines.push(...(await explore(temporary, conversations, rng.fork(`explore ${fold}`))))
    } finally {
      rmSync(temporary, { recursive: true })
    }
  }
  const counted = calibratePipeline(readLog(lines.join(''), pipelineSchemas))
  const prior = routingPipelineConfig.parse(parse(readFileSync(join(folder, 'prior.yaml'), 'utf8')))
  const calibration = { ...counted, config: withTimesOf(prior, counted.config) }
  writeFileSync(
    join(folder, 'instance.yaml'),
    `# Counted from ${calibration.questions} conversations by \`npm run make:customer-service\`.\n${stringify(JSON.parse(JSON.stringify(calibration.config)))}`,
  )
  await learnPolicy(folder)
  return calibration
}

/** Trains by learning.yaml on the settings that were just counted, and keeps the policy. */
async function learnPolicy(folder: string): Promise<void> {
  const plan = planTrials(await loadExperiment(join(folder, 'learning.yaml')))
  const outDir = mkdtempSync(join(tmpdir(), 'cadre-learn-'))
  try {
    const { run, trials, status } = await train(plan, { outDir, workers: 0 })
    if (status !== 'done') throw new RunStateError(`${join(folder, 'learning.yaml')}: its training ended as ${status}`)
    cpSync(join(run, 'trials', trials[0]!.id, 'policy'), join(folder, 'policy'), { recursive: true })
  } finally {
    rmSync(outDir, { recursive: true })
  }
}

/** Settings with the times of others: none passes while they are counted. */
function withTimesOf(prior: RoutingPipelineConfig, config: RoutingPipelineConfig): RoutingPipelineConfig {
  const stages = config.stages.map((stage, k) => ({
    ...stage,
    agents: stage.agents.map((agent, m) => {
      const { latencyS, timeoutS } = prior.stages[k]!.agents[m]!
      return { ...agent, latencyS, timeoutS }
    }),
  }))
  return { ...config, stages }
}

/** Plays conversations with somebody who tries everything, and judges the answers. @returns the lines of the log */
async function explore(folder: string, conversations: readonly Conversation[], rng: Rng): Promise<string[]> {
  const loaded = await loadAnsweringTeam(join(folder, 'team.yaml'), { env: {}, clock: stillClock })
  const lines: string[] = []
  const log = new DecisionLog({ append: (line) => void lines.push(line), close: () => {} }, silent, stillClock)
  const team = teamLedBy(loaded, curious(loaded.rules, rng), log, stillClock)
  const judge = { clock: stillClock, log, right: isRight }
  for (let round = 0; round < 4; round++) await judgeTeam(team, loaded.config, conversations, judge)
  return lines
}

/** A team with somebody else at its head. */
export function teamLedBy(
  loaded: LoadedAnsweringTeam,
  leader: PipelineLeader,
  log: DecisionLog,
  clock: Clock,
): AnsweringTeam {
  const { team, config, rules, stages, difficulty } = loaded
  let ids = 0
  return new AnsweringTeam({
    identity: { team: team.name, policy: { name: leader.name, sha256: null, version: null } },
    ...{ config, rules, stages, difficulty, leader, log, clock },
    texts: { ask: team.pipeline.ask, handOver: team.pipeline.handOver.text },
    handOvers: { add: () => {} },
    newId: () => `${leader.name}-${ids++}`,
  })
}

/** Any legal action, but a person only where nothing else is left: what a person does teaches nothing. */
export function curious(rules: PipelineRules, rng: Rng): PipelineLeader {
  return {
    name: 'curious',
    choose(_, legal) {
      const options = legal.flatMap((one, action) => (one && action !== rules.handOver ? [action] : []))
      return { action: options.length === 0 ? rules.handOver : options[rng.integer(options.length)]!, scores: null }
    },
  }
}

/** Phrases but for those of a fold, and those of the fold. */
function split(phrases: Phrases, fold: number): [Phrases, Phrases] {
  const part = (keep: (k: number) => boolean): Phrases =>
    Object.fromEntries(
      Object.entries(phrases).map(([intent, one]) => [intent, { ...one, train: one.train.filter((_, k) => keep(k)) }]),
    )
  return [part((k) => k % folds !== fold), part((k) => k % folds === fold)]
}

function linesOf(conversations: readonly Conversation[]): string {
  return conversations
    .map(({ question, intent, slots }) => `${JSON.stringify({ text: question, intent, slots })}\n`)
    .join('')
}

function examplesOf(conversations: readonly Conversation[]): Example[] {
  return readExamples(new TextEncoder().encode(linesOf(conversations)), 'json')
}
