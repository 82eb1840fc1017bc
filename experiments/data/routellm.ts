import { CsvReader, type CsvRecord } from '#env/outcomes/csv-reader.js'
import type { ModelOutcomes } from '#env/outcomes/model-outcomes.js'
import { OutcomeBuilder } from '#env/outcomes/outcome-builder.js'
import { chooseModels } from '#env/outcomes/outcome-reader.js'
import { ProblemList } from '#env/outcomes/problem-list.js'
import { neededFile } from './data-file.js'
import { readText, readWhole } from './read-text.js'
import { estimateCostUsd, estimateTokens, type TokenPrice } from './token-estimate.js'

/** The two models of RouteLLM's evaluation tables: weak, strong (arXiv 2406.18665, section 5.1). */
export const routeLlmModels = ['mistralai/Mixtral-8x7B-Instruct-v0.1', 'gpt-4-1106-preview'] as const

/** USD per million tokens, the same for prompt and answer (arXiv 2406.18665). */
const routeLlmPrices: Readonly<Record<(typeof routeLlmModels)[number], TokenPrice>> = {
  'mistralai/Mixtral-8x7B-Instruct-v0.1': { inputUsdPerMillion: 0.24, outputUsdPerMillion: 0.24 },
  'gpt-4-1106-preview': { inputUsdPerMillion: 24.7, outputUsdPerMillion: 24.7 },
}

/**
 * RouteLLM's GSM8K or MMLU table as an outcome table; prompts that its authors drop as contaminated are left out. The
 * id is the 0-based row of the source file; the group is MMLU's subject. Costs are estimates from the lengths of prompt
 * and answer; MMLU's answers are a letter, taken as one token.
 * @param folder - with `gsm8k_responses.csv`, `gsm8k_contaminated_prompts.jsonl` and the same for mmlu, `.gz` allowed
 * @param models - those to keep, in this order; default: both
 * @throws ConfigError, located, when a file isn't what it should be; StorageError when it can't be read
 */
export async function readRouteLlm(
  folder: string,
  set: 'gsm8k' | 'mmlu',
  models?: readonly string[],
): Promise<ModelOutcomes> {
  const contaminated = await readContaminated(neededFile(folder, `${set}_contaminated_prompts.jsonl`))
  const file = neededFile(folder, `${set}_responses.csv`)
  const problems = new ProblemList(file)
  const builder = new OutcomeBuilder(chooseModels(routeLlmModels, models, problems, 1), problems)
  problems.throwIfAny()
  let header: readonly string[] | undefined
  let index = 0
  const reader = new CsvReader({
    record(record) {
      if (header === undefined) header = checkedHeader(record, set, problems)
      else addRow(record, header, index++, contaminated, builder, problems)
    },
    problem: (message, { line, column }) => problems.add('', message, line, column),
  })
  for await (const chunk of readText(file)) reader.push(chunk)
  reader.end()
  return builder.build()
}

function checkedHeader(record: CsvRecord, set: 'gsm8k' | 'mmlu', problems: ProblemList): readonly string[] {
  const own = set === 'gsm8k' ? routeLlmModels.map(answerColumn) : ['domain']
  for (const name of ['prompt', ...routeLlmModels, ...own]) {
    if (!record.fields.includes(name)) problems.add(name, 'column absent', 1)
  }
  problems.throwIfAny()
  return [...record.fields]
}

function addRow(
  { fields, line, placeOf }: CsvRecord,
  header: readonly string[],
  index: number,
  contaminated: ReadonlySet<string>,
  builder: OutcomeBuilder,
  problems: ProblemList,
): void {
  if (fields.length !== header.length) {
    problems.add('', `expected ${header.length} fields as in the header, got ${fields.length}`, line)
    return
  }
  const text = fields[header.indexOf('prompt')]!
  if (contaminated.has(text)) return
  const inputTokens = estimateTokens(text)
  const models = Object.fromEntries(
    routeLlmModels.map((model) => {
      const field = header.indexOf(model)
      const answer = fields[field]!
      if (answer !== 'True' && answer !== 'False') {
        const at = placeOf(field)
        problems.add(model, `expected True or False, got ${JSON.stringify(answer)}`, at.line, at.column)
      }
      const given = fields[header.indexOf(answerColumn(model))]
      const outputTokens = given === undefined ? 1 : estimateTokens(given)
      const costUsd = estimateCostUsd(routeLlmPrices[model], inputTokens, outputTokens)
      return [model, { correct: answer === 'True' ? 1 : 0, costUsd }]
    }),
  )
  builder.add({ id: String(index), text, group: fields[header.indexOf('domain')], models }, { line })
}

/** Column of a model's whole answer; MMLU's table has none. */
function answerColumn(model: string): string {
  return `${model}_response`
}

async function readContaminated(file: string): Promise<ReadonlySet<string>> {
  const problems = new ProblemList(file)
  const prompts = new Set<string>()
  for (const [i, line] of (await readWhole(file)).split('\n').entries()) {
    if (line.trim() === '') continue
    const prompt = promptOf(line)
    if (prompt === undefined) problems.add('eval_prompt', 'expected a JSON object with this text', i + 1)
    else prompts.add(prompt)
  }
  problems.throwIfAny()
  return prompts
}

function promptOf(line: string): string | undefined {
  try {
    const row = JSON.parse(line) as { eval_prompt?: unknown }
    return typeof row.eval_prompt === 'string' ? row.eval_prompt : undefined
  } catch {
    return undefined
  }
}
