import { z } from 'zod'
import { AgentFailure } from '../client/agent-failure.js'
import type { Agent, AgentAnswer, AgentRequest, Call } from '../contract/agent.js'
import { defineAgent } from '../contract/agent-entry.js'
import { type TokenCounter, tokenCounter, tokenisers } from './count-tokens.js'
import { packContext } from './pack-context.js'

const contextConfig = z
  .strictObject({
    budget: z.int().min(1).max(10_000_000).default(1000).describe('most tokens that the writer is given'),
    overhead: z.int().min(0).max(1000).default(8).describe('tokens of a piece beside its text: its number and title'),
    tokeniser: z
      .enum(tokenisers)
      .default('o200k_base')
      .describe('which counts them: of the newer or the older OpenAI models, or four characters a token'),
  })
  .superRefine(({ budget, overhead }, context) => {
    if (overhead < budget) return
    const message = `a piece costs ${overhead} tokens beside its text, and the budget is ${budget}: nothing fits; raise one or lower the other`
    context.addIssue({ code: 'custom', path: ['overhead'], message })
  })

type ContextConfig = z.infer<typeof contextConfig>

/** Most characters of all passages that are packed; those behind are left out. */
const longestRead = 100_000

/** Fills a budget of tokens with the sentences of the passages that say most of what is asked. */
export const context = defineAgent<ContextConfig>({
  name: 'context',
  aliases: [],
  summary: 'fills a budget of tokens with the sentences of the passages that say most of what is asked',
  schema: contextConfig,
  create: (config, { name }) => new ContextAgent(config, name),
})

class ContextAgent implements Agent {
  readonly card
  readonly #config: ContextConfig
  #counter: Promise<TokenCounter> | null = null

  constructor(config: ContextConfig, name: string) {
    this.#config = config
    this.card = {
      name,
      summary: `packs sentences of the passages into ${config.budget} tokens`,
      adds: ['context'] as const,
      needs: ['passages'] as const,
      repeats: true,
      longestQuestion: 20_000,
    }
  }

  async handle({ question, found }: AgentRequest, { signal, trace }: Call): Promise<AgentAnswer> {
    const { name } = this.card
    const { budget, tokeniser } = this.#config
    if (signal.aborted) throw new AgentFailure('aborted', `${name} was given up`)
    this.#counter ??= tokenCounter(tokeniser)
    const count = await this.#counter
    let read = 0
    const passages = found.passages!.filter(({ text }) => {
      read += text.length
      return read <= longestRead
    })
    const { pieces, tokens, covered } = packContext(question, passages, this.#config, count)
    if (pieces.length === 0) {
      const why =
        passages.length === 0 ? 'no passage that it can read' : `no sentence of the passages in ${budget} tokens`
      throw new AgentFailure('unfit', `${name} fits ${why}`)
    }
    trace('packed', { pieces: pieces.length, tokens, covered })
    return {
      found: { context: [...pieces] },
      confidence: covered,
      costUsd: 0,
      provenance: pieces.map(({ source }) => source),
    }
  }
}
