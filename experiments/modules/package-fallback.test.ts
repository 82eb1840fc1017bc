import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

const compiled = fileURLToPath(new URL('../../dist/', import.meta.url))
const resolver = pathToFileURL(join(compiled, 'experiments/modules/resolve.js')).href

const folder = mkdtempSync(join(tmpdir(), 'cadre-fallback-'))
afterAll(() => rmSync(folder, { recursive: true }))

// Hooks need compiled files and a thread of Node's own, so the check runs in a process.
describe('a file outside the project', () => {
  writeFileSync(
    join(folder, 'env.mjs'),
    `import { Env } from 'cadre/env'
     import { z } from 'zod'
     export default { schema: z.object({}), create: () => (class extends Env {}).prototype instanceof Env }
    `,
  )
  writeFileSync(join(folder, 'other.mjs'), "import 'left-out'\nexport default { create() {} }\n")
  const script = `
    import { isMainThread, parentPort, Worker } from 'node:worker_threads'
    const { resolveEnv } = await import('${resolver}')
    const { entry } = await resolveEnv('./env.mjs', import.meta.dirname)
    const told = String(entry.create({}))
    if (isMainThread) {
      const other = await resolveEnv('./other.mjs', import.meta.dirname).catch((error) => error.message)
      const worker = new Worker(new URL(import.meta.url))
      worker.on('message', (fromWorker) => console.log(JSON.stringify([told, fromWorker, other])))
    } else parentPort.postMessage(told)
  `

  it('imports this package and zod, in worker threads too; anything else stays missing', () => {
    writeFileSync(join(folder, 'main.mjs'), script)
    const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'main.mjs')], { encoding: 'utf8' })
    expect(stderr).toBe('')
    const [main, worker, other] = JSON.parse(stdout) as string[]
    expect([main, worker]).toEqual(['true', 'true'])
    expect(other).toMatch(/other\.mjs.*: the file doesn't load: Cannot find package 'left-out'/)
  })
})
