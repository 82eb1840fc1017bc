import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { transformSync } from '@swc/wasm-typescript'

/** The rooms, in the order in which they may import each other. */
const rooms = ['env', 'algorithms', 'agents', 'experiments', 'results']

/** Left out: what only tests need, the folder that runs are written to, and the kernels, which are AssemblyScript. */
const leftOut = (path) => /\.test\.ts$|(^|\/)(testing|kernels)\/|^results\/runs\//.test(path)

/**
 * Writes every source file of the rooms to dist/ as JavaScript, one file each. Types are blanked out, as Node itself does it, so
 * that lines and columns are those of the source; they aren't checked (that is `npm run check:types`). Files that are as they were stay untouched, so that processes which run from dist/ are not
 * disturbed; files that have no source any more go, so that dist/ never holds anything stale.
 * @param {string} root - absolute folder of package.json
 * @param {readonly string[]} others - files under dist/ that are made from the compiled ones, and stay
 * @throws {Error} with the place of every file that doesn't parse
 */
export function compile(root, others) {
  const sources = rooms
    .flatMap((room) => filesUnder(root, room))
    .filter((path) => path.endsWith('.ts') && !leftOut(path))
  const dist = join(root, 'dist')
  const failures = []
  for (const path of sources) {
    try {
      const { code } = transformSync(readFileSync(join(root, path), 'utf8'), { mode: 'strip-only', filename: path })
      writeIfChanged(join(dist, compiledName(path)), code)
    } catch (error) {
      failures.push(`${path}: ${error.message ?? error}`)
    }
  }
  if (failures.length > 0) throw new Error(failures.join('\n'))
  const known = new Set([...sources.map(compiledName), ...others])
  // Another build of the same folder may be writing at this moment.
  const isWritten = (path) => /\.\d+$/.test(path) && isRunning(Number(path.split('.').at(-1)))
  for (const path of filesUnder(dist, '')) {
    if (!known.has(path) && !isWritten(path)) rmSync(join(dist, path), { force: true })
  }
  removeEmptyFolders(dist)
}

function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code !== 'ESRCH'
  }
}

/** The file under dist/ that a source becomes. */
function compiledName(path) {
  return path.replace(/\.ts$/, '.js')
}

/** Writes through a file of its own beside it: whoever reads at the same time sees the old content or the new. */
export function writeIfChanged(file, text) {
  if (readOrNull(file) === text) return
  mkdirSync(dirname(file), { recursive: true })
  const beside = `${file}.${process.pid}`
  writeFileSync(beside, text)
  renameSync(beside, file)
}

function readOrNull(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return null
    throw error
  }
}

/** Paths of all files under `folder`, from `root`, with slashes. */
function filesUnder(root, folder) {
  let entries = []
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true })
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  return entries.flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    return entry.isDirectory() ? filesUnder(root, path) : [path]
  })
}

function removeEmptyFolders(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    const path = join(folder, entry.name)
    removeEmptyFolders(path)
    if (readdirSync(path).length === 0) rmdirSync(path)
  }
}
