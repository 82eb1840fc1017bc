import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { writeIfChanged } from './compile.mjs'

const folder = 'algorithms/graph/simd'
const result = `${folder}/kernel-bytes.ts`

/** Memory is given by who loads the kernels, and shared so that it may grow under arrays on it. No relaxed SIMD: the same bits everywhere. */
const options = (
  '-O3 --noAssert --runtime stub --enable simd --enable threads --enable bulk-memory ' +
  '--importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536'
).split(' ')

/**
 * Compiles the kernels of the simd engine, which are AssemblyScript, to WebAssembly, and writes its bytes down in a module: nothing has to
 * find or read a file then. The module is committed; it is made anew where it says it comes from other sources.
 * @param {string} root - absolute folder of package.json
 * @throws {Error} with the compiler's words where the kernels don't compile
 */
export async function compileKernels(root) {
  const hash = hashOfSources(root)
  if (readFileSync(join(root, result), 'utf8').includes(hash)) return
  const { main } = await import('assemblyscript/asc')
  let bytes = null
  const { error, stderr } = await main([`${folder}/kernels/main.ts`, ...options, '--outFile', 'kernels.wasm'], {
    readFile: (name, base) => readOrNull(join(base, name)),
    writeFile: (_, contents) => {
      bytes = contents
    },
    listFiles: () => [],
    baseDir: root,
  })
  if (error !== null || bytes === null) throw new Error(`${folder}/kernels: ${error}\n${stderr.toString()}`)
  const lines = Buffer.from(bytes)
    .toString('base64')
    .match(/.{1,120}/g)
  writeIfChanged(join(root, result), moduleOf(hash, lines))
}

function readOrNull(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

/** Of the sources, the options and the compiler's version. */
function hashOfSources(root) {
  const kernels = readdirSync(join(root, folder, 'kernels')).filter((name) => name.endsWith('.ts'))
  const sources = [`${folder}/opcodes.ts`, ...kernels.sort().map((name) => `${folder}/kernels/${name}`)]
  const hash = createHash('sha256').update(JSON.stringify(options)).update(compilerVersion(root))
  for (const path of sources) hash.update(path).update(readFileSync(join(root, path)))
  return hash.digest('hex')
}

/** As package-lock.json has it. */
function compilerVersion(root) {
  return createRequire(import.meta.url)(join(root, 'package-lock.json')).packages['node_modules/assemblyscript'].version
}

const moduleOf = (hash, lines) => `/**
 * Made by \`npm run build\` from kernels/*.ts and opcodes.ts: not to be edited.
 * Sources: ${hash}
 */
const encoded = \`
${lines.join('\n')}
\`

/** The kernels of the simd engine as a WebAssembly module. */
export function kernelBytes(): Uint8Array {
  return Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0))
}
`
