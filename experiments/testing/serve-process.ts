import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type LogReading, readLog } from '#agents/log/read-log.js'
import { type Decided, decidedIn } from '#agents/testing/memory-sink.js'
import { packageRoot } from '../modules/package-root.js'
import { type Ended, startCli } from './compiled-cli.js'

const stub = fileURLToPath(new URL('agents/testing/stub-endpoint.mjs', packageRoot()))

/** An endpoint in a process of its own, which ends with `close` or with this process. */
export interface StubProcess {
  readonly port: number
  readonly endpoint: string
  close(): void
}

/** Starts an endpoint that behaves in one way, see agents/testing/stub-endpoint.mjs. */
export async function startStubProcess(behaviour: string): Promise<StubProcess> {
  const child = spawn(process.execPath, [stub, behaviour], { stdio: ['pipe', 'pipe', 'inherit'] })
  const port = Number(await firstLine(child))
  return { port, endpoint: `http://127.0.0.1:${port}/v1`, close: () => child.stdin.end() }
}

/** A gateway in a process of its own: `cadre serve team.yaml --json`. */
export interface ServeProcess {
  readonly child: ChildProcess
  readonly url: string
  /** What it printed once it listened. */
  readonly printed: { readonly url: string; readonly model: string; readonly agents: string[]; readonly policy: object }
  readonly ended: Promise<Ended>
  /** The decision log as it is now. */
  log(): LogReading
  /** The requests of it that have ended. @throws Error where a line is malformed */
  decisions(): Decided[]
  /** Sends SIGTERM and waits for its end. */
  stop(): Promise<Ended>
}

/**
 * Serves a team file with this text on a free port; the compiled command line has to be there.
 * @param folder - of the team file and its decision log, for this gateway alone
 */
export async function startServe(
  folder: string,
  team: string,
  env: { readonly [name: string]: string } = {},
): Promise<ServeProcess> {
  const file = join(folder, 'team.yaml')
  writeFileSync(file, team)
  const { child, ended } = startCli(['serve', file, '--port', '0', '--json'], { env: { ...process.env, ...env } })
  const line = await Promise.race([firstLine(child), ended.then(({ stderr }) => Promise.reject(new Error(stderr)))])
  const printed = JSON.parse(line) as ServeProcess['printed']
  const log = () => readLog(readFileSync(join(folder, 'decisions.jsonl'), 'utf8'))
  return {
    child,
    url: printed.url,
    printed,
    ended,
    log,
    decisions: () => decidedIn(log()),
    stop: () => {
      child.kill('SIGTERM')
      return ended
    },
  }
}

/** What a process prints first. */
export async function firstLine(child: ChildProcess): Promise<string> {
  let text = ''
  child.stdout!.setEncoding('utf8')
  while (!text.includes('\n')) text += ((await once(child.stdout!, 'data')) as [string])[0]
  return text.slice(0, text.indexOf('\n'))
}
