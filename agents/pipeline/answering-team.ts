import type { RoutingPipelineConfig } from '#env/routing-pipeline/config.js'
import type { PipelineRules } from '#env/routing-pipeline/pipeline-rules.js'
import type { Clock } from '../client/clock.js'
import { WorkingMemory } from '../context/working-memory.js'
import type { Source } from '../contract/agent.js'
import type { DecisionLog } from '../log/decision-log.js'
import type { DecisionFields } from '../log/log-kinds.js'
import { type Difficulty, entryGradeOf } from './difficulty.js'
import { type HandOverQueue, handOverOf } from './hand-over.js'
import type { PipelineLeader } from './pipeline-leader.js'
import {
  type Asker,
  beginningFields,
  callFields,
  endFields,
  type PipelineIdentity,
  stepFields,
} from './pipeline-recorder.js'
import { PipelineWalk, type Stage, type WalkEnd, type WalkLimits } from './pipeline-walk.js'
import { Sessions, type Turn, type Waiting } from './sessions.js'

export interface AnsweringTeamParts {
  readonly identity: PipelineIdentity
  readonly config: RoutingPipelineConfig
  readonly rules: PipelineRules
  readonly stages: readonly Stage[]
  readonly leader: PipelineLeader
  readonly clock: Clock
  /** How hard questions look. */
  readonly difficulty: Difficulty
  /** What the user is asked, and told where a person takes over (`{ticket}` is put in). */
  readonly texts: { readonly ask: string; readonly handOver: string }
  readonly handOvers: HandOverQueue
  readonly maxCostUsd?: number
  readonly newId: () => string
  readonly log: DecisionLog
  /** Hears of each decision, when it is in the log. */
  readonly decided?: (fields: DecisionFields) => void
}

/** A question of a user. */
export interface Question extends Asker {
  readonly id: string
  /** All that was said, what the user says now last. */
  readonly turns: readonly Turn[]
  /** Of the conversation that goes on; null where the client names none. */
  readonly session: string | null
}

/** What the user is told. */
export interface Reply {
  readonly kind: WalkEnd['kind']
  readonly text: string
  readonly confidence: number
  /** Who wrote the answer; null where there is none. */
  readonly author: string | null
  /** What the answer stands on. */
  readonly provenance: readonly Source[]
  /** With which the user goes on, after a question back or where something is known; else null. */
  readonly session: string | null
  /** Of the person's queue; null where no person takes over. */
  readonly ticket: string | null
  /** How it went, and ended for the user. */
  readonly end: WalkEnd
}

/** A team that answers questions: a control agent leads each through the stages. */
export class AnsweringTeam {
  readonly #parts: AnsweringTeamParts
  readonly #walk: PipelineWalk
  readonly #sessions = new Sessions()
  readonly #askers = new Map<string, Asker>()

  constructor(parts: AnsweringTeamParts) {
    this.#parts = parts
    const { rules, stages, leader, clock, difficulty, log, identity } = parts
    this.#walk = new PipelineWalk({
      ...{ rules, stages, leader, clock },
      entryGrade: ({ question }) => entryGradeOf(question, difficulty),
      called: (request, record) => log.write('call', callFields(request, record)),
      heard: (step) => {
        const asker = this.#askers.get(step.request)!
        const fields = stepFields(identity, rules, stages, asker, step, clock.elapsedMs())
        log.write('decision', fields)
        parts.decided?.(fields)
      },
    })
    log.write('pipeline', beginningFields(identity, parts.config, stages))
  }

  /** [stage], and [agent] of each: who there is. */
  get stages(): readonly Stage[] {
    return this.#parts.stages
  }

  /**
   * Answers a question, asks back, or hands it over to a person.
   * @throws AgentFailure `aborted` where nobody waits any more
   */
  async answer(asked: Question, limits: WalkLimits): Promise<Reply> {
    const { log } = this.#parts
    const { id, turns, session, key, model, began } = asked
    const said = turns.at(-1)!.text
    const before = turns.slice(0, -1)
    const standing = this.#sessions.resume(session, key, before)
    const waiting = standing?.waiting ?? null
    // What was asked first and what was said then are one question.
    const question = waiting === null ? said : `${waiting.question}\n${said}`
    const history = before.flatMap(({ role, text }) =>
      role === 'user' || role === 'assistant' ? [{ role, text } as const] : [],
    )
    this.#askers.set(id, { key, model, began })
    try {
      const { maxCostUsd } = this.#parts
      const within = maxCostUsd === undefined ? limits : { ...limits, maxCostUsd }
      const start = { left: waiting?.left ?? null, memory: standing?.memory ?? WorkingMemory.empty }
      const end = await this.#walk.walk({ id, question, history, found: {} }, within, start)
      const reply = this.#keep(asked, question, this.#reply(id, question, end))
      log.write('end', endFields(id, reply.end))
      return reply
    } finally {
      this.#askers.delete(id)
    }
  }

  /** Lets go of what its agents hold. */
  async close(): Promise<void> {
    await Promise.all(this.#parts.stages.flatMap(({ members }) => members.map(({ agent }) => agent.close?.())))
  }

  /** @returns what the user is told, and with which session the conversation goes on */
  #keep({ turns, key }: Question, question: string, reply: Omit<Reply, 'session'>): Reply {
    const { memory } = reply.end
    const waiting: Waiting | null = reply.kind === 'ask' ? { question, left: this.#parts.config.maxCalls } : null
    if (waiting === null && memory.facts.length === 0) return { ...reply, session: null }
    const session = this.#parts.newId()
    this.#sessions.keep(session, key, [...turns, { role: 'assistant', text: reply.text }], { waiting, memory })
    return { ...reply, session }
  }

  #reply(id: string, question: string, end: WalkEnd): Omit<Reply, 'session'> {
    const { texts, newId } = this.#parts
    const common = { provenance: [], ticket: null, author: null }
    if (end.kind === 'ask') return { ...common, kind: 'ask', end, text: texts.ask, confidence: end.confidence }
    const draft = end.found.drafts?.[0]
    // An answer without words is none.
    if (end.kind === 'answer' && draft !== undefined && draft.text.trim() !== '') {
      const { text, provenance, agent: author } = draft
      return { ...common, kind: 'answer', end, text, provenance, author, confidence: end.confidence }
    }
    const ticket = newId()
    const why = end.why ?? 'the agents found no words for an answer'
    this.#parts.handOvers.add(handOverOf(ticket, id, question, why, end.found))
    const text = texts.handOver.replace('{ticket}', ticket)
    const told: WalkEnd = { ...end, kind: 'handOver', confidence: 0, why }
    return { ...common, kind: 'handOver', end: told, text, confidence: 0, ticket }
  }
}
