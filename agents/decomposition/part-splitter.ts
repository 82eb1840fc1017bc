import type { Agent, AgentRequest, Call, Frame } from '../contract/agent.js'
import type { Planner } from './planner.js'
import { splitRequest } from './split-request.js'

/** The parts of a request. */
export interface Parts {
  /** Each with its frame; the request itself where it is one. */
  readonly parts: readonly AgentRequest[]
  /** What it cost to find them, USD. */
  readonly costUsd: number
}

/** A piece of a request, and what it means. */
interface Piece {
  readonly question: string
  readonly frame: Frame | null
}

/**
 * Splits requests into parts that mean different things: as a planner says, where there is one and what it says is sound; else by rules. A part
 * is never split again.
 */
export class PartSplitter {
  readonly #understanding: Agent
  readonly #planner: Planner | null
  readonly #most: number

  /** @param most - parts of a request beyond these are left to the last of them */
  constructor(understanding: Agent, planner: Planner | null, most: number) {
    this.#understanding = understanding
    this.#planner = planner
    this.#most = most
  }

  /** @throws AgentFailure of whoever understands the parts; `aborted` where nobody waits any more */
  async split(request: AgentRequest, call: Call): Promise<Parts> {
    const { parts: planned, costUsd: paid } = (await this.#planner?.plan(request, call)) ?? { parts: null, costUsd: 0 }
    if (planned?.length === 1) return { parts: [request], costUsd: paid }
    if (planned !== null) {
      const { pieces, costUsd } = await this.#understand(planned, request, call)
      if (isSound(pieces, request)) return { parts: partsOf(pieces, request), costUsd: paid + costUsd }
      call.trace('plan refused', { parts: pieces.length })
      const ruled = await this.#byRules(request, call)
      return { ...ruled, costUsd: paid + costUsd + ruled.costUsd }
    }
    const ruled = await this.#byRules(request, call)
    return { ...ruled, costUsd: paid + ruled.costUsd }
  }

  async #byRules(request: AgentRequest, call: Call): Promise<Parts> {
    const texts = splitRequest(request.question)
    if (texts.length < 2) return { parts: [request], costUsd: 0 }
    const most = this.#most
    const few = [...texts.slice(0, most - 1), texts.slice(most - 1).join(' ')].filter((text) => text !== '')
    const { pieces, costUsd } = await this.#understand(few, request, call)
    return { parts: partsOf(pieces, request), costUsd }
  }

  async #understand(
    texts: readonly string[],
    request: AgentRequest,
    call: Call,
  ): Promise<{ pieces: Piece[]; costUsd: number }> {
    const { frame: _, ...found } = request.found
    const answers = await Promise.all(
      texts.map((question) => this.#understanding.handle({ ...request, question, found }, call)),
    )
    return {
      pieces: answers.map((answer, k) => ({ question: texts[k]!, frame: answer.found.frame ?? null })),
      costUsd: answers.reduce((sum, { costUsd }) => sum + costUsd, 0),
    }
  }
}

/** Whether what a planner says is understood, and names nothing that the request doesn't. */
function isSound(pieces: readonly Piece[], { question }: AgentRequest): boolean {
  return pieces.every(
    ({ frame }) => frame !== null && frame.intent !== null && frame.slots.every(({ text }) => question.includes(text)),
  )
}

/** Pieces that mean different things; those of no known intent, or all of one, are one request. */
function partsOf(pieces: readonly Piece[], request: AgentRequest): AgentRequest[] {
  const intents = new Set(pieces.map(({ frame }) => frame?.intent ?? null))
  if (intents.has(null) || intents.size < 2) return [request]
  // What one part doesn't name, another may: "where is A-1001, and who brings it".
  const slots = pieces.flatMap(({ frame }) => frame!.slots)
  return pieces.map(({ question, frame }) => {
    const own = frame!
    const missing = slots.filter(({ name }) => !own.slots.some((slot) => slot.name === name))
    const borrowed = missing.map((slot) => ({ ...slot, ...placeIn(request.question, slot.text) }))
    // A borrowed slot stands elsewhere: the part then speaks of the whole request.
    const asked = borrowed.length === 0 ? question : request.question
    const placed =
      borrowed.length === 0
        ? own.slots
        : [...own.slots.map((slot) => ({ ...slot, ...placeIn(asked, slot.text) })), ...borrowed]
    return { ...request, question: asked, found: { ...request.found, frame: { ...own, slots: placed } } }
  })
}

function placeIn(text: string, piece: string): { from: number; to: number } {
  const from = Math.max(0, text.indexOf(piece))
  return { from, to: from + piece.length }
}
