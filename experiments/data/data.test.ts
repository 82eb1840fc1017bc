import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, StorageError, UsageError } from '#env/errors.js'
import { summariseOutcomes } from '#env/outcomes/outcome-summary.js'
import { crossValidation, foldOf } from './folds.js'
import { llmRouterModels, readLlmRouter, readLlmRouterPrices } from './llmrouter.js'
import { readOutcomes } from './read-outcomes.js'
import { readRouteLlm, routeLlmModels } from './routellm.js'

const shared = process.env.CADRE_SHARED ?? fileURLToPath(new URL('../../../shared', import.meta.url))
const routellm = join(shared, 'data/routellm')
const llmrouter = join(shared, 'data/llmrouter_ulab')

describe('reading outcome files', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cadre-data-'))
  })
  afterAll(() => rm(folder, { recursive: true }))
  const put = async (name: string, bytes: string | Uint8Array) => {
    await writeFile(join(folder, name), bytes)
    return join(folder, name)
  }

  it('reads plain and packed files alike', async () => {
    const text = 'id,text,correct:m\n1,é,1\n'
    for (const file of [await put('a.csv', text), await put('a.csv.gz', gzipSync(text))]) {
      const table = await readOutcomes(file, ['m'])
      expect([table.text(0), table.correct(0, 0)]).toEqual(['é', 1])
    }
  })

  it('says which file is wrong and how', async () => {
    await expect(readOutcomes(join(folder, 'none.csv'))).rejects.toThrow(StorageError)
    await expect(readOutcomes(await put('b.csv.gz', 'plain'))).rejects.toThrow(/b\.csv\.gz: can't be read: .*header/)
    const packed = gzipSync('id,text,correct:m\n1,a,1\n')
    await expect(readOutcomes(await put('c.csv.gz', packed.subarray(0, -9)))).rejects.toThrow(StorageError)
    await expect(readOutcomes(await put('d.csv', Uint8Array.of(0xff, 0x20)))).rejects.toThrow('not UTF-8 text')
    await expect(readOutcomes(await put('e.csv', 'id,text,correct:m\n1,a,2\n'))).rejects.toThrow(
      /e\.csv:2:5: correct:m/,
    )
    await expect(readOutcomes('x.txt')).rejects.toThrow(UsageError)
    await put('gsm8k_contaminated_prompts.jsonl', '{"prompt": 1}\n')
    await expect(readRouteLlm(folder, 'gsm8k')).rejects.toThrow(ConfigError)
  })
})

describe('reading the published sets, altered', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cadre-altered-'))
    await put('mmlu_contaminated_prompts.jsonl', '{"eval_prompt": "seen before"}\n')
    await put('default_query_train.jsonl', '{"query": "a", "task_name": "t"}\n')
    await put('default_query_test.jsonl', '')
    await put('dcrouter_test.json', scores(0.5))
    await put('default_llm.json', prices(llmRouterModels))
  })
  afterAll(() => rm(folder, { recursive: true }))
  const put = (name: string, text: string) => writeFile(join(folder, name), text)
  const scores = (score: number) =>
    JSON.stringify([{ question: 'a', scores: Object.fromEntries(llmRouterModels.map((model) => [model, score])) }])
  const prices = (models: readonly string[]) =>
    JSON.stringify(Object.fromEntries(models.map((model) => [model, { input_price: 1, output_price: 2 }])))

  it.each([
    ['domain,prompt\n', /mmlu_responses\.csv:1: mistralai.*: column absent\n.*:1: gpt-4-1106-preview: column absent/],
    [`prompt,${routeLlmModels}\n`, /:1: domain: column absent/],
    [`domain,prompt,${routeLlmModels}\nd,q,True,yes\n`, /:2:10: gpt-4-1106-preview: expected True or False, got "yes"/],
    [`domain,prompt,${routeLlmModels}\nd,q,True\n`, /:2: expected 4 fields as in the header, got 3/],
    [`domain,prompt,${routeLlmModels}\nd,seen before,True,True\n`, /no rows/],
    ['', /no rows/],
  ])("locates what is wrong in RouteLLM's %j", async (text, message) => {
    await put('mmlu_responses.csv', text)
    const error = await readRouteLlm(folder, 'mmlu').catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as ConfigError).message).toMatch(message)
  })

  it("locates what is wrong in LLMRouter's", async () => {
    await expect(readLlmRouter(folder)).rejects.toThrow(/dcrouter_train\.json: no such file, nor \.gz/)
    await put('dcrouter_train.json', scores(1.5))
    await expect(readLlmRouter(folder)).rejects.toThrow(
      /dcrouter_train\.json: 0\.scores\.llama3-chatqa-1\.5-8b: Too big/,
    )
    await put('dcrouter_train.json', '[]')
    await expect(readLlmRouter(folder)).rejects.toThrow(/dcrouter_train\.json: Too small/)
    await put('dcrouter_train.json', scores(1))
    expect((await readLlmRouter(folder, ['codegemma-7b'])).correct(1, 0)).toBe(0.5)
    await put('default_llm.json', prices(llmRouterModels.slice(1)))
    await expect(readLlmRouter(folder)).rejects.toThrow(/llama3-chatqa-1\.5-8b: no price in default_llm\.json/)
    await put('default_query_train.jsonl', '{"query": "a", "task_name": "t"}\n{"query": "b"}\n')
    await expect(readLlmRouter(folder)).rejects.toThrow(/default_query_train\.jsonl:2: task_name: /)
    await put('default_query_train.jsonl', '{')
    await expect(readLlmRouter(folder)).rejects.toThrow(/default_query_train\.jsonl:1: not JSON/)
  })
})

describe('folds', () => {
  const texts = Array.from({ length: 2000 }, (_, i) => `question ${i % 1900}`)

  it('is fixed for ever', () => {
    expect([0, 1, 2, 3, 4].map((r) => foldOf('What is 2 + 2?', r))).toEqual([3, 1, 3, 4, 0])
  })

  it('tests each row once a repetition, keeps duplicates together and differs between repetitions', () => {
    const all = crossValidation(texts)
    expect(all).toHaveLength(25)
    for (let r = 0; r < 5; r++) {
      const tests = all.filter((fold) => fold.repetition === r).flatMap((fold) => [...fold.test])
      expect(tests.sort((a, b) => a - b)).toEqual([...texts.keys()])
    }
    for (const { train, test } of all) {
      expect(train.length + test.length).toBe(2000)
      expect(Math.abs(test.length - 400)).toBeLessThan(80)
      const seen = new Set([...train].map((row) => texts[row]))
      expect([...test].some((row) => seen.has(texts[row]))).toBe(false)
    }
    expect(all[0]!.test).not.toEqual(all[5]!.test)
  })
})

describe.skipIf(!existsSync(routellm))(`RouteLLM's tables (skipped where CADRE_SHARED has none)`, () => {
  it.each([
    ['gsm8k', 1307, 63.73, 85.77, 92.96],
    ['mmlu', 14037, 68.09, 80.59, 85.87],
  ] as const)('%s has the published accuracies', async (set, rows, weak, strong, either) => {
    const table = await readRouteLlm(routellm, set)
    const summary = summariseOutcomes(table)
    expect(summary.rows).toBe(rows)
    expect(summary.models.map((model) => model.name)).toEqual(routeLlmModels)
    const figures = [...summary.models.map((model) => model.accuracy), summary.oracle]
    expect(figures.map((x) => (100 * x).toFixed(2))).toEqual([weak, strong, either].map((x) => x.toFixed(2)))
    expect(table.group(0)).toBe(set === 'mmlu' ? 'abstract_algebra' : undefined)
  })
})

describe.skipIf(!existsSync(llmrouter))(`LLMRouter's table (skipped where CADRE_SHARED has none)`, () => {
  it('has nine models, their accuracies and prices', async () => {
    const table = await readLlmRouter(llmrouter)
    const summary = summariseOutcomes(table)
    expect([summary.rows, summary.models.length]).toEqual([6108, 9])
    const accuracies = summary.models.map((model) => model.accuracy)
    expect(accuracies.reduce((sum, x) => sum + x, 0) / 9).toBeCloseTo(0.424, 3)
    expect(Math.max(...accuracies)).toBeCloseTo(0.617, 3)
    expect(summary.oracle).toBeCloseTo(0.797, 3)
    expect(new Set(Array.from({ length: table.size }, (_, row) => table.group(row))).has(undefined)).toBe(false)
    const prices = await readLlmRouterPrices(llmrouter)
    expect(table.models.every((name) => prices.has(name))).toBe(true)
    expect(prices.get('gemma-2-9b-it')).toEqual({ inputUsdPerMillion: 0.1, outputUsdPerMillion: 0.1 })
  })
})
