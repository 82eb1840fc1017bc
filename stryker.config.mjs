/** Mutation tests of what `npm run mutants -- FOLDER_OR_FILE` names. Everything it writes lies in .mutants, which git ignores. */
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'vitest.mutants.config.ts' },
  coverageAnalysis: 'perTest',
  // Code that runs once, when a file is loaded, can't be tried without loading every test anew.
  ignoreStatic: true,
  concurrency: 2,
  incremental: true,
  incrementalFile: '.mutants/incremental.json',
  tempDirName: '.mutants/sandbox',
  ignorePatterns: ['dist', 'results/runs', '.mutants', 'docs', 'CHANGELOG.md'],
  reporters: ['clear-text', 'json', 'html'],
  clearTextReporter: { reportTests: false, allowColor: false },
  jsonReporter: { fileName: '.mutants/mutation.json' },
  htmlReporter: { fileName: '.mutants/mutation.html' },
  allowEmpty: false,
}
