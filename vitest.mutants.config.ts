import { mergeConfig } from 'vitest/config'
import base from './vitest.config.js'

/** Patterns of the tests that are tried, set by experiments/mutants/run-mutants.mjs. */
const tests = process.env.CADRE_MUTANT_TESTS ?? '{env,algorithms}/**/*.test.ts'

/**
 * The tests that mutants are tried on. Left out: those that hold the heap or whole processes against a bound, as a mutant that is
 * only slower would count as found.
 */
export default mergeConfig(
  { ...base, test: { ...base.test, projects: undefined } },
  {
    test: {
      include: tests.split(/,(?![^{]*})/),
      exclude: ['**/*heap*.test.ts', 'experiments/system/**', '**/browser.system.test.ts'],
      testTimeout: 60_000,
    },
  },
)
