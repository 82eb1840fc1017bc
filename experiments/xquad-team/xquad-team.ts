import { agentEntries } from '#agents/agent-entries.js'
import { stillClock } from '#agents/client/clock.js'
import type { Agent, AgentRequest, Call } from '#agents/contract/agent.js'
import type { AgentFile } from '#agents/contract/agent-entry.js'
import { CheckedAgent } from '#agents/contract/checked-agent.js'
import { loneResources } from '#agents/contract/lone-resources.js'
import { encodeKnowledge } from '#agents/knowledge/knowledge-file.js'
import type { Stage } from '#agents/pipeline/pipeline-walk.js'
import { ConfidenceJudge } from '#agents/pipeline/stage-judge.js'
import { fitSpanScorer, spanScorerDefaults } from '#agents/writing/fit-span-scorer.js'
import { encodeSpanModel } from '#agents/writing/span-model-file.js'
import { type RoutingPipelineConfig, routingPipelineConfig } from '#env/routing-pipeline/config.js'
import type { Squad } from '../knowledge/squad.js'
import { withoutArticles } from '../knowledge/train-writer.js'
import { squadBase } from '../knowledge/xquad-base.js'
import { RememberedAgent } from './remembered-agent.js'

/** Bounds of the grades: close together around .4, from where on an answer is worth more than a person. */
export const bounds = [0.12, 0.2, 0.28, 0.35, 0.4, 0.46, 0.54, 0.64, 0.76]
const grades = bounds.length + 1

/** A question looks the easier the shorter it is: most words of grade 1, 2, ... */
export const words = [19, 16, 14, 13, 12, 11, 10, 9, 8]

/** Prices as in the study of recorded outcomes: of its keywords and its span scorer. */
const prices = { passages: 0.02, sentences: 0.02, span: 0.1, 'span of three': 0.1, keep: 0 } as const

/** What is known before anything was counted: nothing of how good anybody is. */
export function xquadInstance(): RoutingPipelineConfig {
  const even = Array.from({ length: grades }, () => 1 / grades)
  const agent = (name: keyof typeof prices) => ({
    name,
    price: prices[name],
    latencyS: 0.002,
    failure: 0,
    timeoutS: 1,
    repeat: 'same' as const,
    outcome: even.map(() => even),
  })
  return routingPipelineConfig.parse({
    entry: even,
    ask: null,
    // Time isn't paid for: it is this machine's, and the rest should come out the same on every one.
    delayPrice: 0,
    success: even.map((_, grade) => [0, ...bounds][grade]!),
    stages: [
      { name: 'retrieve', agents: [agent('passages'), agent('sentences')] },
      { name: 'write', agents: [agent('span'), agent('span of three')] },
      { name: 'check', agents: [agent('keep')] },
    ],
  })
}

/**
 * That the articles are dealt out to: each has writers that have seen nothing of its articles. Fewer learn from less: with two, writers
 * are so much worse that the team earned 3.87 where people earn 4.
 */
const folds = 3

/** Agents of Cadre over the paragraphs of XQuAD, which answer from what they find. */
export function xquadStages(squad: Squad): Stage[] {
  const index: AgentFile[] = [{ path: 'xquad.safetensors', bytes: encodeKnowledge(squadBase(squad)) }]
  const models = Array.from({ length: folds }, (_, fold) => {
    const scorer = fitSpanScorer(withoutArticles(squad, { fold, folds }), spanScorerDefaults, {
      folds: 2,
      seed: `fold ${fold}`,
      attribution: '',
    })
    return [{ path: 'writer.safetensors', bytes: encodeSpanModel(scorer) }]
  })
  const foldOf = new Map(squad.questions.map(({ question, passage }) => [question, squad.groups[passage]! % folds]))
  const make = (use: string, name: string, settings: object, files: readonly AgentFile[] = []): Agent => {
    const entry = agentEntries.find((one) => one.name === use)!
    const config = entry.schema.parse(settings)
    const paths = entry.files?.(config) ?? []
    return entry.create(
      config,
      loneResources(name, { clock: stillClock, files: new Map(paths.map((path) => [path, files])) }),
    )
  }
  const lookup = (unit: string) =>
    make('keywords', `retrieve/${unit}`, { documents: ['xquad.safetensors'], unit }, index)
  const writer = (name: string, read: number): Agent => {
    const own = models.map((model) => make('extractive', `write/${name}`, { model: 'writer.safetensors', read }, model))
    return {
      card: own[0]!.card,
      handle: (request: AgentRequest, call: Call) => own[foldOf.get(request.question)!]!.handle(request, call),
    }
  }
  const stage = (name: string, agents: readonly (readonly [Agent, number])[]): Stage => ({
    name,
    judge: new ConfidenceJudge(agents.map(() => bounds)),
    members: agents.map(([agent, price]) => ({
      agent: new CheckedAgent(new RememberedAgent(agent, price), stillClock),
      timeoutMs: 60_000,
      expectedMs: 2,
      expectedUsd: price,
      isUp: () => true,
    })),
  })
  return [
    stage('retrieve', [
      [lookup('passages'), prices.passages],
      [lookup('sentences'), prices.sentences],
    ]),
    stage('write', [
      [writer('span', 1), prices.span],
      [writer('span of three', 3), prices['span of three']],
    ]),
    stage('check', [[make('keep', 'check/keep', {}), prices.keep]]),
  ]
}
