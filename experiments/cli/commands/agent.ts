import type { Command } from 'commander'
import { addCommand, type CommandLine, type CommonOptions, portArgument } from '../command-line.js'
import { interruption } from '../interruption.js'
import { type Io, printJson, printLines } from '../io.js'

interface AgentOptions extends CommonOptions {
  readonly team?: string
  readonly host?: string
  readonly port?: number
}

/** `cadre agent NAME --team FILE` */
export function addAgent(program: Command, line: CommandLine): void {
  addCommand(program, 'agent', 'run one agent of a team as a service of its own')
    .argument('<name>', 'its place in the team, such as write/desk')
    .option(
      '--team <name or file>',
      'a team that ships with Cadre, or a YAML file with `pipeline` (default: customer-service)',
    )
    .option('--host <address>', 'where to listen; anything but loopback needs keys (default: 127.0.0.1)')
    .option('--port <number>', 'where to listen (default: any free port)', portArgument)
    .action((name: string, options: AgentOptions) => run(name, options, line.io))
}

async function run(name: string, { team, host, port, json }: AgentOptions, io: Io): Promise<void> {
  const { defaultTeam, teamFile } = await import('../../answering/shipped-teams.js')
  const { loadAgent } = await import('../../answering/load-agent.js')
  const { serveAgent } = await import('../../serve/serve-agent.js')
  const { lineLogger } = await import('../../serve/serve.js')
  const load = () =>
    loadAgent(teamFile(team ?? defaultTeam), name, {
      ...(host === undefined ? {} : { host }),
      ...(port === undefined ? {} : { port }),
      env: io.env,
    })
  const loaded = load()
  const interrupted = interruption(io)
  const served = await serveAgent(
    loaded,
    lineLogger((text) => io.stderr.write(text)),
  )
  io.onReopen(() => served.reload(load))
  const { url, agent } = served
  if (json === true) printJson(io, { url, agent })
  else {
    printLines(io, [
      `listening on ${url}`,
      '# for the team file',
      `${agent}: { use: remote, endpoint: ${JSON.stringify(url)} }`,
      '# Ctrl-C stops',
    ])
  }
  await interrupted
  io.stderr.write('stopping: what is in work ends first; again to stop at once\n')
  await served.stop()
}
