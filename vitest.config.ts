import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const root = fileURLToPath(new URL('.', import.meta.url))

/** Tests run on the TypeScript sources; the package's own imports (`#env/...`) point there instead of dist/. */
export default defineConfig({
  resolve: {
    alias: [{ find: /^#(env|algorithms|agents|experiments|results)\/(.*)\.js$/, replacement: `${root}$1/$2.ts` }],
  },
  test: {
    include: ['{env,algorithms,agents,experiments,results}/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'results/runs/**'],
    globalSetup: ['experiments/build/before-tests.mjs'],
    setupFiles: ['env/testing/seeded-properties.ts'],
    pool: 'threads',
    maxWorkers: 2,
    // Data for tests that need some lies beside the checkout, unless said otherwise.
    env: { CADRE_SHARED: process.env.CADRE_SHARED ?? fileURLToPath(new URL('../shared', import.meta.url)) },
    testTimeout: 30_000,
  },
})
