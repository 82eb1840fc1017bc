import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { questionExperiment, questionTable } from './question-table.js'

const configs = fileURLToPath(new URL('../configs/', import.meta.url))

/** They take seconds to encode at each change of a setting: an experiment on a small table of the same shape stands for them. */
const onDataSets = ['routellm-gsm8k.yaml', 'routellm-mmlu.yaml', 'llmrouter-nine.yaml']

/** Names and texts of experiments that work as they are, to be spoilt. @param folder - where their table is put */
export function experimentsToMutate(folder: string): readonly (readonly [name: string, text: string])[] {
  writeFileSync(join(folder, 'questions.csv'), questionTable(60))
  const shipped = readdirSync(configs).filter((name) => name.endsWith('.yaml') && !onDataSets.includes(name))
  return [
    ...shipped.map((name) => [name, readFileSync(join(configs, name), 'utf8')] as const),
    ['a cross-validation', questionExperiment('./questions.csv')],
  ]
}
