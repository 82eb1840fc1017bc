import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Tests that start processes and worker threads run compiled code: it is compiled before any test, and so never stale. */
export function setup() {
  execFileSync(process.execPath, [fileURLToPath(new URL('build.mjs', import.meta.url))], { stdio: 'inherit' })
}
