import { newProgress, type PipelineRules, type Progress } from '#env/routing-pipeline/pipeline-rules.js'
import { AgentFailure } from '../client/agent-failure.js'
import type { Clock } from '../client/clock.js'
import { type MemoryScopes, WorkingMemory } from '../context/working-memory.js'
import type { Agent, AgentAnswer, AgentRequest, Call, Findings } from '../contract/agent.js'
import type { PipelineChoice, PipelineLeader, Present } from './pipeline-leader.js'
import type { Given, Judgement, StageJudge } from './stage-judge.js'

/** An agent in its place. */
export interface Member {
  readonly agent: Agent
  /** After how long a call is given up. */
  readonly timeoutMs: number
  /** What an answer takes; who can't answer in the time that is left isn't called. */
  readonly expectedMs: number
  /** What a call may cost at most, USD; whoever would go beyond the budget isn't called. */
  readonly expectedUsd: number
  /** What it may read and write of what is known in the conversation; absent: nothing. */
  readonly memory?: MemoryScopes
  /** Whether it can be reached now. */
  isUp(): boolean
}

/** One stage of a team. */
export interface Stage {
  readonly name: string
  /** In the order of the pipeline's agents. */
  readonly members: readonly Member[]
  readonly judge: StageJudge
}

export interface WalkParts {
  readonly rules: PipelineRules
  readonly stages: readonly Stage[]
  readonly leader: PipelineLeader
  readonly clock: Clock
  /** How hard a question looks, as a grade: 0 is hard. */
  entryGrade(request: AgentRequest): number
  /** Hears of each decision before it is carried out. */
  readonly heard?: (step: WalkStep) => void
  /** Hears what became of a call. */
  readonly called?: (request: string, record: CallRecord) => void
}

/** One decision on a question. */
export interface WalkStep extends PipelineChoice {
  readonly request: string
  readonly step: number
  readonly progress: Readonly<Progress>
  readonly legal: readonly boolean[]
  /** Name of the agent that is called; null for other actions. */
  readonly agent: string | null
}

/** What became of a call. */
export interface CallRecord {
  /** Number of the decision that it belongs to. */
  readonly step: number
  readonly stage: string
  readonly agent: string
  /** `answered`; `unfit` where the agent says that it has no answer, which counts as the worst one; else how the call failed. */
  readonly outcome: string
  /** Why there is no answer, in the words of this team; null where there is one. */
  readonly detail: string | null
  readonly ms: number
  readonly costUsd: number
  readonly confidence: number | null
  readonly grade: number | null
}

/** From where a walk begins. */
export interface WalkStart {
  /** Calls that are left where the question was asked back before; null where it wasn't. */
  readonly left: number | null
  /** What is known in the conversation. */
  readonly memory: WorkingMemory
}

const newConversation: WalkStart = { left: null, memory: WorkingMemory.empty }

/** How a question ended. */
export interface WalkEnd {
  readonly kind: 'answer' | 'ask' | 'handOver'
  /** Everything that was found, by the answers kept. */
  readonly found: Findings
  readonly confidence: number
  readonly calls: readonly CallRecord[]
  readonly costUsd: number
  readonly waitedMs: number
  /** Who was asked and answered, stage by stage; the last one gave the answer. */
  readonly kept: readonly { readonly stage: string; readonly agent: string; readonly grade: number }[]
  /** Why a person is needed; null otherwise. */
  readonly why: string | null
  /** What is known in the conversation now: what the answers kept had it remember. */
  readonly memory: WorkingMemory
}

/** What a walk may use up. */
export interface WalkLimits {
  readonly signal: AbortSignal
  /** By the clock's `elapsedMs`. */
  readonly deadline: number
  readonly maxCostUsd?: number
  /** Gateways that the question has come through, oldest first. */
  readonly hops?: readonly string[]
}

/**
 * Leads a question through the stages of a team. Every step is a decision on the state of routing-pipeline: the same rules as in the
 * environment, with what agents answer instead of what would be drawn. It always ends: with an answer, a question back, or a person.
 */
export class PipelineWalk {
  readonly #parts: WalkParts

  constructor(parts: WalkParts) {
    this.#parts = parts
  }

  /** Who can be reached: [stage][agent]. */
  present(): Present {
    return this.#parts.stages.map(({ members }) => members.map((member) => member.isUp()))
  }

  /**
   * @param start - where the question was asked back before, it goes on with the grade of what is known now
   * @throws AgentFailure `aborted` where nobody waits for the answer any more
   */
  async walk(request: AgentRequest, limits: WalkLimits, start: WalkStart = newConversation): Promise<WalkEnd> {
    const { rules, leader, clock, heard } = this.#parts
    const walk = new Question(this.#parts, request, limits, start.memory)
    rules.begin(walk.progress, this.#parts.entryGrade(request))
    if (start.left !== null) {
      walk.progress.asked = 1
      walk.progress.left = start.left
    }
    const began = clock.elapsedMs()
    for (let step = 0; ; step++) {
      const present = this.present()
      const legal = walk.legal(present)
      const { action, scores } = leader.choose(walk.progress, legal, present)
      const agent = action < rules.widest ? walk.memberOf(action).agent.card.name : null
      heard?.({ request: request.id, step, progress: { ...walk.progress }, legal, action, scores, agent })
      if (action === rules.handOver) return walk.end('handOver', began, walk.whyHandOver(legal))
      if (action === rules.ask) return walk.end('ask', began, null)
      if (action !== rules.accept) await walk.call(action, step)
      else if (walk.accept()) return walk.end('answer', began, null)
      if (limits.signal.aborted) throw new AgentFailure('aborted', 'the question was given up')
    }
  }
}

/** One question on its way. */
class Question {
  readonly progress = newProgress()
  readonly #parts: WalkParts
  readonly #limits: WalkLimits
  readonly #calls: CallRecord[] = []
  readonly #kept: { stage: string; agent: string; grade: number }[] = []
  #request: AgentRequest
  /** Answers of this stage, and which counts. */
  #given: Given[] = []
  #judgement: Judgement | null = null
  #confidence = 0
  #costUsd = 0
  #memory: WorkingMemory

  constructor(parts: WalkParts, request: AgentRequest, limits: WalkLimits, memory: WorkingMemory) {
    this.#parts = parts
    this.#request = request
    this.#limits = limits
    this.#memory = memory
  }

  memberOf(m: number): Member {
    return this.#parts.stages[this.progress.stage]!.members[m]!
  }

  /** [A] */
  legal(present: Present): boolean[] {
    const { rules, clock } = this.#parts
    const remaining = this.#limits.deadline - clock.elapsedMs()
    const budget = (this.#limits.maxCostUsd ?? Number.POSITIVE_INFINITY) - this.#costUsd
    return Array.from({ length: rules.numActions }, (_, action) => {
      if (!rules.isLegal(this.progress, action)) return false
      if (action >= rules.widest) return true
      const { expectedMs, expectedUsd } = this.memberOf(action)
      return present[this.progress.stage]![action]! && expectedMs < remaining && expectedUsd <= budget
    })
  }

  async call(m: number, step: number): Promise<void> {
    const { rules, stages, clock } = this.#parts
    const { name, judge } = stages[this.progress.stage]!
    const { agent, timeoutMs, memory } = this.memberOf(m)
    const began = clock.elapsedMs()
    const call: Call = {
      signal: this.#limits.signal,
      deadline: Math.min(this.#limits.deadline, began + timeoutMs),
      trace: () => {},
      ...(this.#limits.hops === undefined ? {} : { hops: this.#limits.hops }),
    }
    const record = { step, stage: name, agent: agent.card.name }
    let answer: AgentAnswer
    try {
      const shown = memory === undefined ? {} : { memory: this.#memory.shownTo(memory) }
      answer = await agent.handle({ ...this.#request, ...shown }, call)
    } catch (error) {
      const outcome = error instanceof AgentFailure ? error.outcome : 'server-error'
      const ms = clock.elapsedMs() - began
      const costUsd = error instanceof AgentFailure ? error.costUsd : 0
      // Not the words of an endpoint: those may hold its key.
      const detail = (error as Error).message
      this.#costUsd += costUsd
      if (outcome === 'unfit') {
        // It says that it has nothing to say: that is an answer, the worst, and a program would say so again.
        const grade = this.#judge(judge, m, { found: {}, confidence: 0, costUsd: 0, provenance: [] })
        this.#record({ ...record, outcome, detail, ms, costUsd, confidence: 0, grade })
        return
      }
      this.#record({ ...record, outcome, detail, ms, costUsd, confidence: null, grade: null })
      rules.fail(this.progress)
      return
    }
    const { costUsd, confidence } = answer
    const grade = this.#judge(judge, m, answer)
    this.#costUsd += costUsd
    const ms = clock.elapsedMs() - began
    this.#record({ ...record, outcome: 'answered', detail: null, ms, costUsd, confidence, grade })
  }

  /** @returns the grade of what came last */
  #judge(judge: StageJudge, m: number, answer: AgentAnswer): number {
    this.#given.push({ agent: m, answer })
    const { grade, kept } = judge.judge(this.#request, this.#given, this.#judgement)
    this.#parts.rules.answer(this.progress, m, grade)
    this.#judgement = { kept, grade: this.progress.best }
    return grade
  }

  /** Goes on with the answer that counts. @returns whether that was the last stage */
  accept(): boolean {
    const { rules, stages } = this.#parts
    const { agent: m, answer } = this.#given[this.#judgement!.kept]!
    const { name, members } = stages[this.progress.stage]!
    const { name: author } = members[m]!.agent.card
    this.#kept.push({ stage: name, agent: author, grade: this.progress.best })
    // What an answer that doesn't count would have had it remember is forgotten with it.
    this.#memory = this.#memory.with(author, answer.remember ?? [])
    this.#request = { ...this.#request, found: { ...this.#request.found, ...answer.found, ...this.#drafts() } }
    this.#confidence = answer.confidence
    this.#given = []
    this.#judgement = null
    if (rules.isLast(this.progress)) return true
    rules.advance(this.progress)
    return false
  }

  #record(record: CallRecord): void {
    this.#calls.push(record)
    this.#parts.called?.(this.#request.id, record)
  }

  /** Drafts of the whole stage, those of the answer that counts first: whoever checks may merge them. */
  #drafts(): Findings {
    const kept = this.#given[this.#judgement!.kept]!.answer
    if (kept.found.drafts === undefined) return {}
    const others = this.#given.flatMap(({ answer }) => (answer === kept ? [] : (answer.found.drafts ?? [])))
    return { drafts: [...kept.found.drafts, ...others] }
  }

  /** Why nobody but a person is left, or is the better choice. */
  whyHandOver(legal: readonly boolean[]): string {
    const { rules, stages } = this.#parts
    const { name } = stages[this.progress.stage]!
    if (legal.some((one, action) => one && action !== rules.handOver)) return `at stage ${name} a person is worth more`
    return this.progress.left === 0 ? `no call is left at stage ${name}` : `nobody can be called at stage ${name}`
  }

  end(kind: WalkEnd['kind'], began: number, why: string | null): WalkEnd {
    return {
      kind,
      found: this.#request.found,
      confidence: kind === 'answer' ? this.#confidence : 0,
      calls: this.#calls,
      costUsd: this.#costUsd,
      waitedMs: this.#parts.clock.elapsedMs() - began,
      kept: this.#kept,
      why,
      memory: this.#memory,
    }
  }
}
