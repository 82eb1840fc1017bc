import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '#env/errors.js'
import type { ModelOutcomes } from '#env/outcomes/model-outcomes.js'
import { OutcomeBuilder } from '#env/outcomes/outcome-builder.js'
import { ProblemList } from '#env/outcomes/problem-list.js'
import { readWhole } from './read-text.js'

const scoresSchema = z.array(z.object({ question: z.string(), scores: z.record(z.string(), z.number()) })).min(1)
const querySchema = z.object({ query: z.string(), task_name: z.string() })
const pricesSchema = z.record(z.string(), z.object({ input_price: z.number(), output_price: z.number() }))

/**
 * LLMRouter's nine-model table, train and test joined (split it by text: 119 questions are in both). The id is
 * `train-ROW` or `test-ROW`; the group is the task. Costs aren't in the source and stay unknown: see `readLlmRouterPrices`.
 * @param folder - with `dcrouter_{train,test}.json.gz` and `default_query_{train,test}.jsonl.gz`
 * @throws ConfigError when a file isn't what it should be; StorageError when it can't be read
 */
export async function readLlmRouter(folder: string): Promise<ModelOutcomes> {
  const tasks = new Map<string, string>()
  const parts = ['train', 'test'] as const
  for (const part of parts) {
    const file = join(folder, `default_query_${part}.jsonl.gz`)
    for (const line of (await readWhole(file)).split('\n')) {
      if (line === '') continue
      const row = parsed(querySchema, line, file)
      if (!tasks.has(row.query)) tasks.set(row.query, row.task_name)
    }
  }
  let builder: OutcomeBuilder | undefined
  for (const part of parts) {
    const file = join(folder, `dcrouter_${part}.json.gz`)
    const rows = parsed(scoresSchema, await readWhole(file), file)
    builder ??= new OutcomeBuilder(Object.keys(rows[0]!.scores), new ProblemList(folder))
    for (const [i, { question, scores }] of rows.entries()) {
      const models = Object.fromEntries(Object.entries(scores).map(([name, correct]) => [name, { correct }]))
      builder.add({ id: `${part}-${i}`, text: question, group: tasks.get(question), models })
    }
  }
  return builder!.build()
}

/** Prices in USD per million tokens, by model, as the source states them. */
export async function readLlmRouterPrices(
  folder: string,
): Promise<ReadonlyMap<string, { readonly inputUsdPerMillion: number; readonly outputUsdPerMillion: number }>> {
  const file = join(folder, 'default_llm.json')
  const prices = parsed(pricesSchema, await readWhole(file), file)
  return new Map(
    Object.entries(prices).map(([name, price]) => [
      name,
      { inputUsdPerMillion: price.input_price, outputUsdPerMillion: price.output_price },
    ]),
  )
}

function parsed<T>(schema: z.ZodType<T>, text: string, file: string): T {
  try {
    return schema.parse(JSON.parse(text))
  } catch (error) {
    if (error instanceof z.ZodError) {
      throw new ConfigError(error.issues.map(({ path, message }) => ({ file, path: path.join('.'), message })))
    }
    throw new ConfigError([{ file, path: '', message: `not JSON: ${(error as Error).message}` }])
  }
}
