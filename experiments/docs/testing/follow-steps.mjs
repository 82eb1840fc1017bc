/**
 * Does what a page shows, in one process: `node follow-steps.mjs MAIN STEPS`, in the page's folder. MAIN is the built
 * command line's main module, STEPS a JSON list of `{ at, file }` (imported) and `{ at, args }` (arguments of cadre).
 * Ends with 1 at the first step that fails, saying where.
 */
import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const [, , mainFile, steps] = process.argv
const { main } = await import(pathToFileURL(mainFile).href)
const { processIo } = await import(new URL('process-io.js', pathToFileURL(mainFile)).href)
const io = processIo()

/** What is in a folder, where an argument ends in a wildcard, as shells do. */
const expand = (argument) => {
  const [, folder, start] = /^(.*)\/([^/]*)\*$/.exec(argument) ?? []
  if (folder === undefined) return [argument]
  const names = readdirSync(folder).filter((name) => name.startsWith(start))
  return names.map((name) => `${folder}/${name}`)
}

for (const { at, file, args } of JSON.parse(steps)) {
  try {
    if (file !== undefined) await import(pathToFileURL(resolve(file)).href)
    if (args === undefined) continue
    const code = await main(args.flatMap(expand), io)
    if (code !== 0) throw new Error(`cadre ${args.join(' ')} ended with ${code}`)
  } catch (error) {
    process.stderr.write(`${at}: ${error.stack}\n`)
    process.exit(1)
  }
}
