import { AgentFailure } from '../client/agent-failure.js'
import type { AgentAnswer, Call } from '../contract/agent.js'

/**
 * Has several answers worked on at once. Where one fails, the others are given up: half of an answer would look whole.
 * @param asked - each asks for one of the answers
 * @throws AgentFailure the first one, with what all of them have cost
 */
export async function sideBySide(
  asked: readonly ((call: Call) => Promise<AgentAnswer>)[],
  call: Call,
): Promise<AgentAnswer[]> {
  const rest = new AbortController()
  const shared: Call = { ...call, signal: AbortSignal.any([call.signal, rest.signal]) }
  let first: AgentFailure | null = null
  let costUsd = 0
  const one = async (ask: (call: Call) => Promise<AgentAnswer>): Promise<AgentAnswer | null> => {
    try {
      const answer = await ask(shared)
      costUsd += answer.costUsd
      return answer
    } catch (error) {
      if (!(error instanceof AgentFailure)) throw error
      costUsd += error.costUsd
      first ??= error
      rest.abort()
      return null
    }
  }
  const answers = await Promise.all(asked.map(one))
  if (first !== null) throw (first as AgentFailure).costing(costUsd)
  return answers as AgentAnswer[]
}
