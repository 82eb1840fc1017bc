import type { ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault } from '#agents/simulated/faults.js'
import { startCli } from './compiled-cli.js'
import { firstLine } from './serve-process.js'

/** A simulated team in a process of its own: `cadre simulate profile.yaml --json`. */
export interface SimulateProcess {
  readonly child: ChildProcess
  /** As they stand in a team file. */
  readonly agents: readonly { readonly name: string; readonly endpoint: string }[]
  /** What an agent does to every request from now on; null: it answers. */
  setFault(agent: string, fault: Fault | null): Promise<void>
  /** Holds an agent down or up; null lets it go on by itself. */
  force(agent: string, up: boolean | null): Promise<void>
  stop(): Promise<void>
}

/**
 * Simulates a profile on a free port; the compiled command line has to be there.
 * @param folder - of the profile
 */
export async function startSimulate(folder: string, profile: object): Promise<SimulateProcess> {
  const file = join(folder, 'profile.yaml')
  writeFileSync(file, JSON.stringify(profile))
  const { child, ended } = startCli(['simulate', file, '--port', '0', '--json'])
  const line = await Promise.race([firstLine(child), ended.then(({ stderr }) => Promise.reject(new Error(stderr)))])
  const { control, agents } = JSON.parse(line) as { control: string; agents: SimulateProcess['agents'] }
  const tell = async (body: object) => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(control, { method: 'POST', headers, body: JSON.stringify(body) })
    const text = await response.text()
    if (!response.ok) throw new Error(text)
  }
  return {
    child,
    agents,
    setFault: (agent, fault) => tell({ agent, fault }),
    force: (agent, up) => tell({ agent, up }),
    stop: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}
