import { z } from 'zod'
import { ConfigError } from '#env/errors.js'
import type { ModelOutcomes } from '#env/outcomes/model-outcomes.js'
import { OutcomeBuilder } from '#env/outcomes/outcome-builder.js'
import { chooseModels } from '#env/outcomes/outcome-reader.js'
import { ProblemList } from '#env/outcomes/problem-list.js'
import { neededFile } from './data-file.js'
import { readWhole } from './read-text.js'
import { assumedOutputTokens, estimateCostUsd, estimateTokens, type TokenPrice } from './token-estimate.js'

/** The models of LLMRouter's table, in its order. */
export const llmRouterModels = [
  'llama3-chatqa-1.5-8b',
  'qwen2.5-7b-instruct',
  'llama3-chatqa-1.5-70b',
  'llama-3.1-nemotron-51b-instruct',
  'mistral-7b-instruct-v0.3',
  'gemma-2-9b-it',
  'llama-3.1-8b-instruct',
  'codegemma-7b',
  'llama-3.3-nemotron-super-49b-v1',
] as const

const score = z.number().min(0).max(1)
const scoresSchema = z.array(z.object({ question: z.string(), scores: z.record(z.string(), score) })).min(1)
const querySchema = z.object({ query: z.string(), task_name: z.string() })
const price = z.number().nonnegative()
const pricesSchema = z.record(z.string(), z.object({ input_price: price, output_price: price }))
const parts = ['train', 'test'] as const

/**
 * LLMRouter's nine-model table, train and test joined (split it by text: 119 questions are in both). The id is
 * `train-ROW` or `test-ROW`; the group is the task. Costs are estimates from the source's prices, the length of the
 * question and `assumedOutputTokens`: the source has no answers.
 * @param folder - with `dcrouter_{train,test}.json`, `default_query_{train,test}.jsonl` and `default_llm.json`, `.gz` allowed
 * @param models - those to keep, in this order; default: all
 * @throws ConfigError when a file isn't what it should be; StorageError when it can't be read
 */
export async function readLlmRouter(folder: string, models?: readonly string[]): Promise<ModelOutcomes> {
  const tasks = await readTasks(folder)
  const prices = await readLlmRouterPrices(folder)
  const first = neededFile(folder, `dcrouter_${parts[0]}.json`)
  const problems = new ProblemList(first)
  const builder = new OutcomeBuilder(chooseModels(llmRouterModels, models, problems), problems)
  for (const model of builder.models) if (!prices.has(model)) problems.add(model, 'no price in default_llm.json')
  problems.throwIfAny()
  for (const part of parts) {
    const file = neededFile(folder, `dcrouter_${part}.json`)
    const rows = parsed(scoresSchema, await readWhole(file), file)
    for (const [i, { question, scores }] of rows.entries()) {
      const inputTokens = estimateTokens(question)
      const cells = builder.models.map((model) => {
        const costUsd = estimateCostUsd(prices.get(model)!, inputTokens, assumedOutputTokens)
        return [model, { correct: scores[model], costUsd }] as const
      })
      builder.add({ id: `${part}-${i}`, text: question, group: tasks.get(question), models: Object.fromEntries(cells) })
    }
  }
  return builder.build()
}

/** Prices as the source states them, by model. */
export async function readLlmRouterPrices(folder: string): Promise<ReadonlyMap<string, TokenPrice>> {
  const file = neededFile(folder, 'default_llm.json')
  const prices = parsed(pricesSchema, await readWhole(file), file)
  return new Map(
    Object.entries(prices).map(([name, price]) => [
      name,
      { inputUsdPerMillion: price.input_price, outputUsdPerMillion: price.output_price },
    ]),
  )
}

/** Task by question. */
async function readTasks(folder: string): Promise<ReadonlyMap<string, string>> {
  const tasks = new Map<string, string>()
  for (const part of parts) {
    const file = neededFile(folder, `default_query_${part}.jsonl`)
    for (const [i, line] of (await readWhole(file)).split('\n').entries()) {
      if (line === '') continue
      const row = parsed(querySchema, line, file, i + 1)
      if (!tasks.has(row.query)) tasks.set(row.query, row.task_name)
    }
  }
  return tasks
}

function parsed<T>(schema: z.ZodType<T>, text: string, file: string, line?: number): T {
  const place = { file, ...(line === undefined ? {} : { line }) }
  try {
    return schema.parse(JSON.parse(text))
  } catch (error) {
    if (error instanceof z.ZodError) {
      throw new ConfigError(error.issues.map(({ path, message }) => ({ ...place, path: path.join('.'), message })))
    }
    throw new ConfigError([{ ...place, path: '', message: `not JSON: ${(error as Error).message}` }])
  }
}
