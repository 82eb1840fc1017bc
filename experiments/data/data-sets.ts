import { UnknownNameError } from '#env/errors.js'
import { asItIs } from './as-it-is.js'
import type { DataSet } from './data-set.js'
import { joinMmlu } from './join-mmlu.js'
import { llmRouterModels, readLlmRouter } from './llmrouter.js'
import { mmluParts } from './mmlu-subjects.js'
import { readRouteLlm, routeLlmModels } from './routellm.js'

const routeLlm = {
  source: {
    repository: 'lm-sys/RouteLLM',
    commit: '0b64fdafe049e596a3f5657c219329f24af24198',
    licence: 'Apache-2.0; questions of GSM8K (MIT) and MMLU (MIT)',
  },
  folder: 'routellm',
  models: routeLlmModels,
} as const

/** The published outcome tables that Cadre knows. */
export const dataSets: readonly DataSet[] = [
  {
    ...routeLlm,
    name: 'routellm-gsm8k',
    aliases: ['gsm8k'],
    summary: 'grade-school mathematics, a weak and a strong model, with their answers',
    rows: 1307,
    files: [
      asItIs('routellm/evals/gsm8k/gsm8k_responses.csv', {
        bytes: 1_291_062,
        sha256: '1f38ed03db354a020f71e92022383dc3cf37bbf2694dea4daaeea7b6c43fe57b',
      }),
      asItIs(
        'routellm/evals/gsm8k/contaminated_prompts.jsonl',
        { bytes: 6282, sha256: '1f5a7be02148ee0f7f306d233ba76a6573c826cee9499a34f8ef938a1a84c234' },
        'gsm8k_contaminated_prompts.jsonl',
      ),
    ],
    read: (folder, models) => readRouteLlm(folder, 'gsm8k', models),
  },
  {
    ...routeLlm,
    name: 'routellm-mmlu',
    aliases: ['mmlu'],
    summary: 'multiple-choice questions of 57 subjects, a weak and a strong model',
    rows: 14_037,
    files: [
      {
        name: 'mmlu_responses.csv',
        bytes: 7_021_196,
        sha256: '34a537a54c9f0274036acb1df6be206d63ff72e55bc6f8009c9c359942a584b4',
        parts: mmluParts,
        join: joinMmlu,
      },
      asItIs(
        'routellm/evals/mmlu/contaminated_prompts.jsonl',
        { bytes: 4498, sha256: '9606c968198eabf5efa46ccba31286392c8e35525d83c86661618ffc5ec6d40e' },
        'mmlu_contaminated_prompts.jsonl',
      ),
    ],
    read: (folder, models) => readRouteLlm(folder, 'mmlu', models),
  },
  {
    name: 'llmrouter-nine',
    aliases: ['llmrouter', 'nine-models'],
    summary: 'questions of 13 public sets, nine open models with prices',
    source: {
      repository: 'ulab-uiuc/LLMRouter',
      commit: '4e7a796942ce26e9d5f2b93191c7c2585c99c2e3',
      licence: 'MIT; questions under the licences of the sets they come from',
    },
    folder: 'llmrouter_ulab',
    models: llmRouterModels,
    rows: 6108,
    files: [
      asItIs(
        'data/dcrouter_preprocessed/train.json',
        { bytes: 4_018_466, sha256: 'ad3ae70149998f02cbf0dd4557ccb6afcf365ac9391b7371329ffc22201e90e3' },
        'dcrouter_train.json',
      ),
      asItIs(
        'data/dcrouter_preprocessed/test.json',
        { bytes: 361_757, sha256: 'fbb6d3e3f62c7018e5446d3154cc05812d3124381f774738e9f0bac5bff79c79' },
        'dcrouter_test.json',
      ),
      asItIs('data/example_data/query_data/default_query_train.jsonl', {
        bytes: 3_519_579,
        sha256: 'f1b2e3281dc3f9e082016812e1a778ca30e9828c7e58fa0a9f6dc52350ad4b8c',
      }),
      asItIs('data/example_data/query_data/default_query_test.jsonl', {
        bytes: 405_273,
        sha256: '0fdf4b4236fb81c1a673a01950fb974e02599c83164b0e7832888aefaa490e27',
      }),
      asItIs('data/example_data/llm_candidates/default_llm.json', {
        bytes: 6904,
        sha256: '278f790564efd758ab28a9b6ce141d3fa057219de9bad40b31562c4286549552',
      }),
    ],
    read: readLlmRouter,
  },
]

/**
 * A data set by name or alias.
 * @throws UnknownNameError with the nearest name
 */
export function findDataSet(name: string): DataSet {
  const found = dataSets.find((set) => set.name === name || set.aliases.includes(name))
  if (found !== undefined) return found
  throw new UnknownNameError(
    'data set',
    name,
    dataSets.flatMap((set) => [set.name, ...set.aliases]),
  )
}
