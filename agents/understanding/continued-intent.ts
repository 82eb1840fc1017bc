import { z } from 'zod'
import type { Agent, Frame } from '../contract/agent.js'
import { knownValue, openIntentKey } from '../contract/memory.js'
import { namedIn } from './understanding-agent.js'

export const continuesField = z
  .number()
  .gt(0)
  .max(1)
  .optional()
  .describe(
    'how sure it is that what the user says goes on with a procedure that waits for it, where it is surer of nothing else; default: it never does',
  )

interface SlotReader {
  /** What a question names where its intent is known. */
  slotsGiven(question: string, intent: string): Frame['slots']
}

/** An agent that reads what a procedure has asked for as part of that procedure. */
export function continuing(agent: Agent, reader: SlotReader, sure: number | undefined): Agent {
  if (sure === undefined) return agent
  return {
    card: agent.card,
    handle: async (request, call) => {
      const answer = await agent.handle(request, call)
      const { memory, question } = request
      const read = answer.found.frame!
      const intent = knownValue(memory, openIntentKey)
      if (intent === undefined || (read.intent !== null && read.confidence >= sure)) return answer
      call.trace('continues', { intent })
      const frame = { intent, confidence: sure, slots: reader.slotsGiven(question, intent) }
      return { ...answer, confidence: sure, found: { ...answer.found, frame }, remember: namedIn(frame, memory!) }
    },
    isUp: () => agent.isUp?.() ?? true,
    close: async () => agent.close?.(),
  }
}
