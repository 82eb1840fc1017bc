/**
 * `npm run mutants -- FOLDER_OR_FILE...`: changes the named sources one small thing at a time and says which changes the tests
 * nearby don't notice. A file may name lines: `env/vector-env.ts:120-180`. Results are kept in .mutants, and only what changed
 * since is tried again. Choose: algorithms/tabular alone has some 500 mutants and takes half an hour.
 *
 * Tests nearby: those of the folder (of a file beside the room's index only those beside it), and those in the room's `testing`.
 * `--tests FOLDER,FILE` names others. What else starts with `--` goes to Stryker, such as `--force`.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const given = process.argv.slice(2)
const chosenTests = optionOf('--tests')
const targets = given.filter((arg) => !arg.startsWith('--'))
const passedOn = given.filter((arg) => arg.startsWith('--'))

if (targets.length === 0) refuse('expected a folder or file, got none; try `npm run mutants -- env/vector-env.ts`')

const patterns = targets.map((target) => {
  const [path, lines] = target.split(/:(?=\d)/)
  if (!existsSync(join(root, path))) refuse(`${path}: no such file or folder in ${root}`)
  if (statSync(join(root, path)).isDirectory()) return `${path.replace(/[\\/]+$/, '')}/**/*.ts`
  return lines === undefined ? path : `${path}:${lines}`
})

const tests = chosenTests?.split(',').map(testsIn) ?? [...new Set(targets.flatMap(testsNear))]
const cli = join(dirname(strykerPackage()), 'bin/stryker.js')
const mutate = [...patterns, '!**/*.test.ts', '!**/testing/**'].join(',')
const { status } = spawnSync(process.execPath, [cli, 'run', '--mutate', mutate, ...passedOn], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    CADRE_MUTANT_TESTS: tests.join(','),
    // Tests run in a copy of the project: what lies beside the checkout has to be named from here.
    CADRE_SHARED: process.env.CADRE_SHARED ?? join(root, '../shared'),
  },
})
process.exitCode = status ?? 1

/** Stryker's package.json. It isn't installed with the rest: a third of all files, for a tool that few need. */
function strykerPackage() {
  try {
    return createRequire(import.meta.url).resolve('@stryker-mutator/core/package.json')
  } catch {
    return refuse(
      'Stryker is not installed; run `npm install --no-save @stryker-mutator/core@9.6.1 @stryker-mutator/vitest-runner@9.6.1`',
    )
  }
}

/** Takes an option and its value out of what was given. */
function optionOf(name) {
  const at = given.indexOf(name)
  return at < 0 ? undefined : given.splice(at, 2)[1]
}

function testsIn(path) {
  return path.endsWith('.ts') ? path : `${path.replace(/[\\/]+$/, '')}/**/*.test.ts`
}

function testsNear(target) {
  const [path] = target.split(':')
  const folder = path.endsWith('.ts') ? posix.dirname(path) : path.replace(/[\\/]+$/, '')
  const [room] = folder.split('/')
  return [folder === room && path.endsWith('.ts') ? `${room}/*.test.ts` : testsIn(folder), testsIn(`${room}/testing`)]
}

function refuse(message) {
  process.stderr.write(`mutants: ${message}\n`)
  process.exit(2)
}
