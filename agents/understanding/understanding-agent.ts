import { AgentFailure } from '../client/agent-failure.js'
import type { Agent, AgentAnswer, AgentCard, AgentRequest, Call, Frame } from '../contract/agent.js'
import { isWithin, type Remembered, type ShownMemory, slotKey } from '../contract/memory.js'
import type { UnderstandingModel } from './understanding-model.js'

/** Most characters of a question: time grows with them, and a question is a sentence or two. */
export const longestQuestion = 4000

/** From which confidence on a slot is remembered. */
const sureSlot = 0.5

/** Reads questions with a trained model: intent, slots, and how sure it is of the whole frame. */
export class UnderstandingAgent implements Agent {
  readonly card: AgentCard
  readonly #model: UnderstandingModel

  constructor(model: UnderstandingModel, name = 'understanding') {
    this.#model = model
    this.card = cardOf(name, 'reads intent and slots of a question with a trained model')
  }

  async handle(request: AgentRequest, call: Call): Promise<AgentAnswer> {
    return answer(this.card, request, call, () => this.#model.frame(request.question))
  }
}

/** The card of an agent that reads questions and needs nothing else. */
export function cardOf(name: string, summary: string): AgentCard {
  return { name, summary, adds: ['frame'], needs: [], repeats: true, longestQuestion }
}

/**
 * Reads a question and answers with the frame.
 * @throws AgentFailure where the call is given up, or the question too long
 */
export function answer(
  { name }: AgentCard,
  { question, memory }: AgentRequest,
  call: Call,
  read: () => Frame,
): AgentAnswer {
  if (call.signal.aborted) throw new AgentFailure('aborted', `${name} was given up`)
  if (question.length > longestQuestion) {
    const got = question.length
    throw new AgentFailure('unfit', `${name} reads questions of at most ${longestQuestion} characters, got ${got}`)
  }
  const frame = read()
  call.trace('understood', { intent: frame.intent ?? 'none', slots: frame.slots.length, confidence: frame.confidence })
  return {
    ...{ found: { frame }, confidence: frame.confidence, costUsd: 0, provenance: [] },
    ...(memory === undefined ? {} : { remember: namedIn(frame, memory) }),
  }
}

/** What a question names, for those that come after it. */
export function namedIn({ slots }: Frame, { mayWrite }: ShownMemory): Remembered {
  const sure = slots.filter(({ confidence }) => confidence >= sureSlot)
  return sure.flatMap(({ name, text }) => {
    const key = slotKey(name)
    return isWithin(mayWrite, key) ? [{ key, value: text, source: null }] : []
  })
}
