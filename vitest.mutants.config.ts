import { mergeConfig } from 'vitest/config'
import base from './vitest.config.js'

/** Folders whose tests are tried, such as `env,algorithms/testing`: set by experiments/mutants/run-mutants.mjs. */
const folders = process.env.CADRE_MUTANT_TESTS ?? 'env,algorithms'

/**
 * The tests that mutants are tried on. Left out: those that hold the heap or whole processes against a bound, as a mutant that is
 * only slower would count as found.
 */
export default mergeConfig(
  { ...base, test: { ...base.test, include: undefined } },
  {
    test: {
      include: folders.split(',').map((folder) => `${folder}/**/*.test.ts`),
      exclude: ['**/heap.test.ts', '**/*heap*.test.ts', 'experiments/system/**', '**/browser.test.ts'],
      testTimeout: 60_000,
    },
  },
)
