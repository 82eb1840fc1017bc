import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { machineClock } from '#agents/client/clock.js'
import { DecisionLog } from '#agents/log/decision-log.js'
import { readLog } from '#agents/log/read-log.js'
import { AnsweringTeam } from '#agents/pipeline/answering-team.js'
import type { PipelineLeader } from '#agents/pipeline/pipeline-leader.js'
import { pipelineSchemas } from '#agents/pipeline/pipeline-lines.js'
import type { Example } from '#agents/understanding/example.js'
import { encodeModel } from '#agents/understanding/model-format.js'
import { readExamples } from '#agents/understanding/read-examples.js'
import { trainUnderstanding } from '#agents/understanding/train-model.js'
import { Rng } from '#env/rng.js'
import { type RoutingPipelineConfig, routingPipelineConfig } from '#env/routing-pipeline/config.js'
import type { PipelineRules } from '#env/routing-pipeline/pipeline-rules.js'
import { calibratePipeline, type PipelineCalibration } from '../calibrate/calibrate-pipeline.js'
import { type Conversation, makeConversations, type Phrases, phrasesSchema, type Shop } from './conversations.js'
import { judgeTeam } from './judge-team.js'
import { type LoadedAnsweringTeam, loadAnsweringTeam } from './load-answering-team.js'
import { shippedTeams } from './open-team.js'

/** Where the team lies that `cadre ask` asks. */
export const customerService = join(shippedTeams(), 'customer-service')

const folds = 3
const silent = { info: () => {}, warn: () => {}, error: () => {} }

/** What the team's files say. */
export function readShop(folder = customerService): { phrases: Phrases; shop: Shop } {
  const text = (name: string) => readFileSync(join(folder, name), 'utf8')
  return {
    phrases: phrasesSchema.parse(parse(text('phrases.yaml'))),
    shop: { orders: JSON.parse(text('orders.json')), products: JSON.parse(text('products.json')) },
  }
}

/** Conversations whose wordings the team has never seen. */
export function heldOutConversations(): Conversation[] {
  const { phrases, shop } = readShop()
  return makeConversations(phrases, shop, 'test', 1, 0.2, new Rng('customer-service held out'))
}

/** Makes the team's model, settings and training data again from its phrases. Settings so far are the prior of the next ones. */
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
      lines.push(...(await explore(temporary, conversations, rng.fork(`explore ${fold}`))))
    } finally {
      rmSync(temporary, { recursive: true })
    }
  }
  const counted = calibratePipeline(readLog(lines.join(''), pipelineSchemas))
  const calibration = { ...counted, config: withTimesOf(folder, counted.config) }
  writeFileSync(
    join(folder, 'instance.yaml'),
    `# Counted from ${calibration.questions} conversations by \`npm run make:customer-service\`.\n${stringify(JSON.parse(JSON.stringify(calibration.config)))}`,
  )
  return calibration
}

/** Times are this machine's and of this day: what stands in the file is kept. */
function withTimesOf(folder: string, config: RoutingPipelineConfig): RoutingPipelineConfig {
  const before = routingPipelineConfig.parse(parse(readFileSync(join(folder, 'instance.yaml'), 'utf8')))
  const stages = config.stages.map((stage, k) => ({
    ...stage,
    agents: stage.agents.map((agent, m) => {
      const { latencyS, timeoutS } = before.stages[k]!.agents[m]!
      return { ...agent, latencyS, timeoutS }
    }),
  }))
  return { ...config, stages }
}

/** Plays conversations with somebody who tries everything, and judges the answers. @returns the lines of the log */
async function explore(folder: string, conversations: readonly Conversation[], rng: Rng): Promise<string[]> {
  const loaded = await loadAnsweringTeam(join(folder, 'team.yaml'), { env: {} })
  const lines: string[] = []
  const log = new DecisionLog({ append: (line) => void lines.push(line), close: () => {} }, silent, machineClock)
  const team = teamLedBy(loaded, curious(loaded.rules, rng), log)
  for (let round = 0; round < 4; round++) await judgeTeam(team, loaded.config, conversations, log)
  return lines
}

/** A team with somebody else at its head. */
export function teamLedBy(loaded: LoadedAnsweringTeam, leader: PipelineLeader, log: DecisionLog): AnsweringTeam {
  const { team, config, rules, stages, difficulty } = loaded
  let ids = 0
  return new AnsweringTeam({
    identity: { team: team.name, policy: { name: leader.name, sha256: null, version: null } },
    ...{ config, rules, stages, difficulty, leader, log },
    clock: machineClock,
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
