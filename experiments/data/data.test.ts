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
import { readLlmRouter, readLlmRouterPrices } from './llmrouter.js'
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
