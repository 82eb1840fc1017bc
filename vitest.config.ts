import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const root = fileURLToPath(new URL('.', import.meta.url))

const every = '{env,algorithms,agents,experiments,results}/**/*.test.ts'
const never = ['**/node_modules/**', 'results/runs/**']

/** Those that start processes, train at length or go through thousands of models. */
const system = ['experiments/{system,docs}/**/*.test.ts', '**/*.system.test.ts']

/**
 * Tests run on the TypeScript sources; the package's own imports (`#env/...`) point there instead of dist/. `npm test` runs the
 * project `unit`, whose files share their modules: half the time goes into loading them otherwise.
 */
export default defineConfig({
  resolve: {
    alias: [{ find: /^#(env|algorithms|agents|experiments|results)\/(.*)\.js$/, replacement: `${root}$1/$2.ts` }],
  },
  test: {
    globalSetup: ['experiments/build/before-tests.mjs'],
    setupFiles: ['env/testing/seeded-properties.ts'],
    pool: 'threads',
    maxWorkers: 2,
    // Data for tests that need some lies beside the checkout, unless said otherwise.
    env: { CADRE_SHARED: process.env.CADRE_SHARED ?? fileURLToPath(new URL('../shared', import.meta.url)) },
    testTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'unit', include: [every], exclude: [...never, ...system], isolate: false } },
      { extends: true, test: { name: 'system', include: system, exclude: never, testTimeout: 120_000 } },
    ],
  },
})
