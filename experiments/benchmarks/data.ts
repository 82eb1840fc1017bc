import { encodeRows } from '#env/encoding/encoder.js'
import { createEncoder, encoderConfig } from '#env/encoding/encoders.js'
import { findDataSet } from '../data/data-sets.js'
import { findCopy, loadOutcomes, locateOutcomes } from '../data/locate-outcomes.js'
import type { Benchmark } from './benchmark.js'
import { dataEnvironment } from './data-environment.js'

const set = findDataSet('routellm-mmlu')
const words = encoderConfig.parse({ id: 'tfidf', ngrams: [1, 2] })

/** From the name of the table to all its rows encoded: found, checked, read, TF-IDF fitted on all rows, encoded. */
export const dataBenchmarks: readonly Benchmark[] = [
  {
    name: 'data/mmlu',
    unit: 'rows',
    prepare: async () => {
      const env = dataEnvironment()
      if ((await findCopy(set, env)).folder === undefined) {
        return { skipped: `${set.name} isn't here; \`cadre data pull ${set.name}\`` }
      }
      return {
        work: set.rows,
        run: async () => {
          const table = await loadOutcomes(await locateOutcomes(set.name, '.', env))
          const rows = Array.from({ length: table.size }, (_, row) => ({ text: table.text(row) }))
          const encoder = createEncoder(words)
          encoder.fit(rows)
          encodeRows(encoder, rows)
        },
      }
    },
  },
]
