/**
 * A process that starts runs when it is told to, for tests of two that start at once: gets `{ outDir, fresh, at, manifest }`, waits
 * for the moment `at` (ms since the epoch), and sends back the folder that it made, or why not.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const compiled = (path) => import(pathToFileURL(join(process.argv[2], path)).href)
const { openRun } = await compiled('experiments/runner/run-directory.js')
const { RunLock } = await compiled('results/store/run-lock.js')

process.on('message', ({ outDir, fresh, at, manifest }) => {
  const plan = { name: 'twice', hash: '0123456789abcdef', trials: [], deployed: [] }
  while (Date.now() < at);
  try {
    const { store, state } = openRun(plan, () => manifest, { outDir, resume: false, fresh })
    const lock = RunLock.acquire(store.directory)
    writeFileSync(join(store.directory, 'trials', `${process.pid}`), 'kept')
    lock.release()
    process.send({ made: store.directory, state })
  } catch ({ code, message }) {
    process.send({ code, message })
  }
})
process.send('ready')
