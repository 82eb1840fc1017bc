/**
 * Builds the addon of `@tensorflow/tfjs-node` against the TensorFlow C library of PyPI's `tensorflow-cpu` wheel, and puts the
 * package into this project's node_modules: the `node` backend where the package's own download of its native library does not
 * succeed. After `npm ci`, on Linux x64, with g++, make and Python 3 with pip:
 *
 *     node experiments/peers/build-tfjs-node.mjs [FOLDER]
 *
 * FOLDER (default: cadre/tfjs-node in the user's cache) keeps what was built; node_modules gets a copy of the package and a link
 * to the library, so `npm ci` removes both and a second run brings them back in about 3 s. The first run downloads 232 MB, keeps
 * 564 MB, and took 14 to 31 s on two busy cores (4 s of download at 200 MB/s, 5 to 8 s of compiler).
 *
 * The library is that of 2.12, the oldest of the wheels in which the C API has a library of its own: up to 2.11 (tfjs-node
 * was written for 2.9.1) Python's extension module exports it, which loads in a Python interpreter only. The addon uses
 * Node-API: built on Node.js 20, it also ran on 18, 22 and 24. tfjs-node itself calls two functions of `node:util` that Node.js
 * 23 removed; the framework gives them back before it loads the package.
 */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const TENSORFLOW = '2.12.1'
const PYTHON = '311' // the wheel's tag; the Python that runs pip may be another
const HEADERS = [
  'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/',
  'tensorflow/include/tensorflow/tsl/',
]
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']
const RUNTIME_DEPENDENCIES = ['@mapbox/node-pre-gyp', '@tensorflow/tfjs', 'google-protobuf', 'progress'] // the others serve the install script
/** Those that the project has: a second copy would have an engine of its own. */
const SHARED = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu']

const project = fileURLToPath(new URL('../../', import.meta.url))
const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
const folder = resolve(process.argv[2] ?? join(cache, 'cadre', 'tfjs-node'))

function run(command, args, options = {}) {
  return execFileSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 2 ** 26,
    ...options,
  })
}

/** Why a step failed: the first lines of a command's output that name an error, or the error itself. */
function reason(error) {
  if (error.code === 'ENOENT' && error.syscall?.startsWith('spawn')) return `${error.path} is not installed`
  const lines = `${error.stderr ?? ''}\n${error.stdout ?? ''}`.split('\n').filter((line) => line.trim() !== '')
  const errors = lines.filter((line) => /error|no module/i.test(line) && !/complete log/.test(line)).slice(0, 3)
  return errors.join('\n  ') || lines.at(-1) || error.message
}

function step(name, work) {
  const start = performance.now()
  try {
    const result = work()
    process.stdout.write(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s\n`)
    return result
  } catch (error) {
    process.stderr.write(`build-tfjs-node: step "${name}" failed: ${reason(error)}\n`)
    process.exit(1)
  }
}

/** Makes `target` by `work` in a folder beside it and renames that, so that what has its final name is whole. */
function once(target, work) {
  if (existsSync(target)) return
  const partial = `${target}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  work(partial)
  renameSync(partial, target)
}

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))

const version = step('check what the build needs', () => {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`the wheel's library is for linux x64, this is ${process.platform} ${process.arch}`)
  }
  const tfjs = join(project, 'node_modules/@tensorflow/tfjs-core/package.json')
  if (!existsSync(tfjs)) throw new Error('@tensorflow/tfjs-core is not installed; run npm ci first')
  for (const [tool, ...args] of [
    ['g++', '--version'],
    ['make', '--version'],
    ['python3', '-m', 'pip', '--version'],
  ])
    run(tool, args)
  return readJson(tfjs).version
})

const library = join(folder, `tensorflow-${TENSORFLOW}`)
step(`TensorFlow C library ${TENSORFLOW}`, () =>
  once(library, (partial) => {
    const target = `--python-version ${PYTHON} --implementation cp --abi cp${PYTHON} --platform manylinux2014_x86_64`
    const quiet = '--quiet --disable-pip-version-check --no-input --no-cache-dir --retries 1 --timeout 20'
    const flags = `--no-deps --only-binary :all: ${target} ${quiet}`.split(' ')
    run('python3', ['-m', 'pip', 'download', ...flags, '--dest', partial, `tensorflow-cpu==${TENSORFLOW}`])
    const [file] = readdirSync(partial).filter((name) => name.endsWith('.whl'))
    const extract = `
import sys, zipfile
wheel, target, *wanted = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    archive.extractall(target, [name for name in archive.namelist() if name.startswith(tuple(wanted))])`
    const members = [...HEADERS, ...LIBRARIES.map((name) => `tensorflow/${name}`)]
    run('python3', ['-c', extract, join(partial, file), partial, ...members])
    rmSync(join(partial, file))
    mkdirSync(join(partial, 'lib'))
    renameSync(join(partial, 'tensorflow/include'), join(partial, 'include'))
    for (const name of LIBRARIES) renameSync(join(partial, 'tensorflow', name), join(partial, 'lib', name))
    symlinkSync(LIBRARIES[0], join(partial, 'lib/libtensorflow.so'))
    symlinkSync(LIBRARIES[1], join(partial, 'lib/libtensorflow_framework.so'))
  }),
)

const built = join(folder, `tfjs-node-${version}-tensorflow-${TENSORFLOW}-core`)
const prefix = resolve(dirname(process.execPath), '..')
const hasHeaders = existsSync(join(prefix, 'include/node/node_api.h'))
const fetched = hasHeaders ? '' : `, with Node.js headers that node-gyp fetches (none in ${prefix}/include/node)`
step(`addon of tfjs-node ${version}${fetched}`, () =>
  once(built, (partial) => {
    run('npm', ['pack', '--ignore-scripts', '--pack-destination', partial, `@tensorflow/tfjs-node@${version}`], {
      cwd: partial,
    })
    const [archive] = readdirSync(partial)
    run('tar', ['-xzf', archive, '--strip-components', '1'], { cwd: partial })
    rmSync(join(partial, archive))
    symlinkSync(library, join(partial, 'deps'))

    const { binary } = readJson(join(partial, 'package.json'))
    const napi = Math.max(...binary.napi_versions.filter((number) => number <= Number(process.versions.napi)))
    const flags = [
      ...(hasHeaders ? [`--nodedir=${prefix}`] : []),
      `--module_name=${binary.module_name}`,
      `--module_path=${join(partial, 'lib', `napi-v${napi}`)}`,
      `--napi_build_version=${napi}`,
    ]
    run('npm', ['exec', '--call', `node-gyp rebuild ${flags.join(' ')}`], { cwd: partial })
    rmSync(join(partial, 'build'), { recursive: true })
  }),
)

const runtime = join(built, 'node_modules')
step('packages that tfjs-node loads', () =>
  once(runtime, (partial) => {
    const { dependencies } = readJson(join(built, 'package.json'))
    const wanted = RUNTIME_DEPENDENCIES.map((name) => `${name}@${dependencies[name]}`)
    const quiet = ['--ignore-scripts', '--no-save', '--no-package-lock', '--no-audit', '--no-fund']
    run('npm', ['install', '--prefix', partial, ...quiet, ...wanted])
    for (const name of readdirSync(join(partial, 'node_modules')))
      renameSync(join(partial, 'node_modules', name), join(partial, name))
    rmSync(join(partial, 'node_modules'), { recursive: true })
    for (const name of SHARED) rmSync(join(partial, name), { recursive: true, force: true })
  }),
)

step('copy into node_modules', () => {
  const target = join(project, 'node_modules/@tensorflow/tfjs-node')
  const link = join(target, 'deps')
  if (existsSync(link) && realpathSync(link) === realpathSync(library)) return
  rmSync(target, { recursive: true, force: true })
  once(target, (partial) => cpSync(built, partial, { recursive: true, verbatimSymlinks: true }))
})

const verify = `
import util from 'node:util'
util.isArray ??= Array.isArray
util.isNullOrUndefined ??= (value) => value == null
import tf from '@tensorflow/tfjs-core'
import node from '@tensorflow/tfjs-node'
import { readFileSync } from 'node:fs'
const { binding, isUsingGpuDevice } = tf.backend()
const product = await tf.matMul(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[5, 6], [7, 8]])).data()
if (tf.getBackend() !== 'tensorflow' || tf.engine() !== node.engine()) throw new Error('error: the backend is ' + tf.getBackend())
if (product.join() !== '19,22,43,50') throw new Error('error: the product of two matrices is ' + product.join())
const threads = /Threads:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]
console.log('tensorflow ' + binding.TF_Version + ', GPU: ' + (isUsingGpuDevice ? 'yes' : 'none') + ', ' + threads + ' threads in the process')`
const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' }
const answer = step('a matrix product on it', () =>
  run(process.execPath, ['--input-type=module', '--eval', verify], { cwd: project, env }),
)
process.stdout.write(answer)
