/**
 * `npm run build`: compiles the kernels and the sources to dist/, and writes down what `cadre envs` and `cadre algorithms` list, so that they
 * don't load every environment for it.
 */
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { compile, writeIfChanged } from './compile.mjs'
import { compileKernels } from './kernels.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))

const listed = 'experiments/modules/catalogue.json'

await compileKernels(root)
compile(root, [listed])
const { listAlgorithms, listEnvironments } = await import(
  pathToFileURL(join(root, 'dist/experiments/modules/list-entries.js')).href
)
const catalogue = { environments: await listEnvironments(), algorithms: await listAlgorithms() }
writeIfChanged(join(root, 'dist', listed), `${JSON.stringify(catalogue)}\n`)
