import { join } from 'node:path'
import { CsvParser, type CsvRecord } from '#env/outcomes/csv-parser.js'
import type { ModelOutcomes } from '#env/outcomes/model-outcomes.js'
import { OutcomeBuilder } from '#env/outcomes/outcome-builder.js'
import { ProblemList } from '#env/outcomes/problem-list.js'
import { readText, readWhole } from './read-text.js'

/** The two models of RouteLLM's evaluation tables: weak, strong (arXiv 2406.18665, section 5.1). */
export const routeLlmModels = ['mistralai/Mixtral-8x7B-Instruct-v0.1', 'gpt-4-1106-preview'] as const

/**
 * RouteLLM's GSM8K or MMLU table as an outcome table; prompts that its authors drop as contaminated are left out. The
 * id is the 0-based row of the source file; the group is MMLU's subject. Costs aren't in the source and stay unknown.
 * @param folder - with `gsm8k_responses.csv.gz`, `gsm8k_contaminated_prompts.jsonl` and the same for mmlu
 * @throws ConfigError, located, when a file isn't what it should be; StorageError when it can't be read
 */
export async function readRouteLlm(folder: string, set: 'gsm8k' | 'mmlu'): Promise<ModelOutcomes> {
  const contaminated = await readContaminated(join(folder, `${set}_contaminated_prompts.jsonl`))
  const file = join(folder, `${set}_responses.csv.gz`)
  const problems = new ProblemList(file)
  const builder = new OutcomeBuilder(routeLlmModels, problems)
  let header: readonly string[] | undefined
  let index = 0
  const parser = new CsvParser({
    record(record) {
      if (header === undefined) header = checkedHeader(record, problems)
      else addRow(record, header, index++, contaminated, builder, problems)
    },
    problem: (message, line, column) => problems.add('', message, line, column),
  })
  for await (const chunk of readText(file)) parser.push(chunk)
  parser.end()
  return builder.build()
}

function checkedHeader(record: CsvRecord, problems: ProblemList): readonly string[] {
  for (const name of ['prompt', ...routeLlmModels]) {
    if (!record.fields.includes(name)) problems.add(name, 'column absent', 1)
  }
  problems.throwIfAny()
  return [...record.fields]
}

function addRow(
  { fields, lines, columns }: CsvRecord,
  header: readonly string[],
  index: number,
  contaminated: ReadonlySet<string>,
  builder: OutcomeBuilder,
  problems: ProblemList,
): void {
  const line = lines[0]!
  if (fields.length !== header.length) {
    problems.add('', `expected ${header.length} fields as in the header, got ${fields.length}`, line)
    return
  }
  const text = fields[header.indexOf('prompt')]!
  if (contaminated.has(text)) return
  const models = Object.fromEntries(
    routeLlmModels.map((model) => {
      const field = header.indexOf(model)
      const answer = fields[field]!
      if (answer !== 'True' && answer !== 'False') {
        problems.add(model, `expected True or False, got ${JSON.stringify(answer)}`, lines[field], columns[field])
      }
      return [model, { correct: answer === 'True' ? 1 : 0 }]
    }),
  )
  builder.add({ id: String(index), text, group: fields[header.indexOf('domain')], models }, { line })
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
