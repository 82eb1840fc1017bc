import { contentWords, wordF1 } from '#agents/checking/same-words.js'
import { stillClock } from '#agents/client/clock.js'
import { DecisionLog } from '#agents/log/decision-log.js'
import { readLog } from '#agents/log/read-log.js'
import { AnsweringTeam } from '#agents/pipeline/answering-team.js'
import { OptimalLeader, type PipelineLeader, PolicyLeader } from '#agents/pipeline/pipeline-leader.js'
import { pipelineSchemas } from '#agents/pipeline/pipeline-lines.js'
import type { Stage } from '#agents/pipeline/pipeline-walk.js'
import { rightFrom } from '#agents/writing/fit-span-scorer.js'
import { Rng } from '#env/rng.js'
import type { RoutingPipelineConfig } from '#env/routing-pipeline/config.js'
import { routingPipeline } from '#env/routing-pipeline/entry.js'
import { PipelineRules } from '#env/routing-pipeline/pipeline-rules.js'
import { pipelineSpec } from '#env/routing-pipeline/pipeline-view.js'
import { type Judged, judgeTeam } from '../answering/judge-team.js'
import { curious } from '../answering/make-customer-service.js'
import { calibratePipeline } from '../calibrate/calibrate-pipeline.js'
import type { Squad } from '../knowledge/squad.js'
import { solvePipeline } from '../pipeline/solve-pipeline.js'
import { words, xquadInstance } from './xquad-team.js'

/** A question, what is right, and the number of its article. */
interface Asked {
  readonly question: string
  readonly reply: string
  readonly answer: string
  readonly article: number
}

/** What somebody at the head of the team earned on the judged half of the articles. */
export interface XquadPlay {
  readonly name: string
  readonly judged: Judged
  /** Means over the questions that were answered: the right words alone, and word F1. */
  readonly exact: number
  readonly f1: number
}

/** One split: half of the articles to count on, half to judge on. */
export interface XquadSplit {
  /** V* of the instance that was counted, reward units. */
  readonly promised: number
  /** Counted on three quarters of the first half and led through the fourth, in turn: the honest prediction. */
  readonly crossReplay: number
  /** The counted optimum first. */
  readonly plays: readonly XquadPlay[]
}

/** How often the known half is walked to count: by somebody who tries everything. */
const rounds = 4

/**
 * The team over XQuAD, live: what its control agent earns on articles that its numbers were not counted on, beside what was predicted
 * and what rules earn.
 */
export async function xquadSplit(
  { questions, groups }: Squad,
  stages: readonly Stage[],
  seed: string,
): Promise<XquadSplit> {
  const rng = new Rng(seed)
  const articles = [...new Set(groups)]
  for (let k = articles.length - 1; k > 0; k--) {
    const other = rng.integer(k + 1)
    ;[articles[k], articles[other]] = [articles[other]!, articles[k]!]
  }
  const known = articles.slice(0, articles.length / 2)
  const all = questions.map(
    ({ question, answer, passage }): Asked => ({ question, reply: '', answer, article: groups[passage]! }),
  )
  const of = (some: readonly number[]) => all.filter(({ article }) => some.includes(article))
  const judged = of(articles.slice(articles.length / 2))
  const config = await counted(stages, of(known), rng.fork('known'))
  let replayed = 0
  for (let part = 0; part < 4; part++) {
    const left = of(known.filter((_, k) => k % 4 === part))
    const seen = of(known.filter((_, k) => k % 4 !== part))
    const { judged: earned } = await play(
      stages,
      optimumOf(await counted(stages, seen, rng.fork(`part ${part}`))),
      left,
    )
    replayed += earned.each.reduce((sum, one) => sum + one, 0)
  }
  const plays = [await play(stages, optimumOf(config), judged)]
  for (const name of ['best-chain', 'cascade-keeping', 'cheapest', 'hand-over']) {
    plays.push(await play(stages, ruleOf(name, config), judged))
  }
  return { promised: solvePipeline(config).start, crossReplay: replayed / of(known).length, plays }
}

interface Led {
  readonly config: RoutingPipelineConfig
  readonly leader: PipelineLeader
}

function optimumOf(config: RoutingPipelineConfig): Led {
  const leader = new OptimalLeader(new PipelineRules(config), (present, from) => solvePipeline(config, present, from))
  return { config, leader }
}

function ruleOf(name: string, config: RoutingPipelineConfig): Led {
  const rules = new PipelineRules(config)
  const entry = routingPipeline.policies!.find((policy) => policy.name === name)!
  const policy = entry.create({ spec: pipelineSpec(config, rules), envConfig: config }, {})
  return { config, leader: new PolicyLeader(name, policy, rules, config, name) }
}

/** The instance, counted while somebody tries everything on questions. */
async function counted(
  stages: readonly Stage[],
  questions: readonly Asked[],
  rng: Rng,
): Promise<RoutingPipelineConfig> {
  const lines: string[] = []
  const config = xquadInstance()
  const leader = curious(new PipelineRules(config), rng)
  const log = logTo((line) => void lines.push(line))
  const team = teamOf(stages, { config, leader }, log)
  const judge = { clock: stillClock, log, right: isRight }
  for (let round = 0; round < rounds; round++) await judgeTeam(team, config, questions, judge)
  return calibratePipeline(readLog(lines.join(''), pipelineSchemas)).config
}

async function play(stages: readonly Stage[], led: Led, questions: readonly Asked[]): Promise<XquadPlay> {
  const log = logTo(() => {})
  let [exact, f1, answers] = [0, 0, 0]
  const right = (text: string, asked: Asked) => {
    answers++
    if (contentWords(text).join(' ') === contentWords(asked.answer).join(' ')) exact++
    f1 += wordF1(text, asked.answer)
    return isRight(text, asked)
  }
  const judged = await judgeTeam(teamOf(stages, led, log), led.config, questions, {
    clock: stillClock,
    log: null,
    right,
  })
  return { name: led.leader.name, judged, exact: exact / Math.max(1, answers), f1: f1 / Math.max(1, answers) }
}

function isRight(text: string, { answer }: Asked): boolean {
  return wordF1(text, answer) >= rightFrom
}

function logTo(append: (line: string) => void): DecisionLog {
  return new DecisionLog({ append, close: () => {} }, { info: () => {}, warn: () => {}, error: () => {} }, stillClock)
}

function teamOf(stages: readonly Stage[], { config, leader }: Led, log: DecisionLog): AnsweringTeam {
  let ids = 0
  return new AnsweringTeam({
    identity: { team: 'xquad', policy: { name: leader.name, sha256: null, version: null } },
    ...{ config, stages, leader, log },
    rules: new PipelineRules(config),
    difficulty: { words, looks: [] },
    clock: stillClock,
    texts: { ask: '', handOver: '' },
    handOvers: { add: () => {} },
    newId: () => `${leader.name}-${ids++}`,
  })
}
