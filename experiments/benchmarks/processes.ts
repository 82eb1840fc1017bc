import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../modules/package-root.js'

/** The compiled command line. */
export const cli = fileURLToPath(new URL('dist/experiments/cli/bin.js', packageRoot()))
/** See agents/testing/stub-endpoint.mjs. */
export const stubEndpoint = fileURLToPath(new URL('agents/testing/stub-endpoint.mjs', packageRoot()))

/** Starts a script in a process of its own. Options of node may come before it. */
export function start(...argv: string[]): ChildProcess {
  return spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'ignore'] })
}

/** What a process prints first. @throws Error where it ends without a word */
export async function firstLine(child: ChildProcess): Promise<string> {
  let text = ''
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`it ended with ${code}`)))
  ended.catch(() => undefined)
  while (!text.includes('\n')) {
    const [part] = (await Promise.race([once(child.stdout!, 'data'), ended])) as [Buffer]
    text += String(part)
  }
  return text.slice(0, text.indexOf('\n'))
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
