import type { Command } from 'commander'
import { addCommand, type CommandLine, type CommonOptions, portArgument } from '../command-line.js'
import { interruption } from '../interruption.js'
import { type Io, printJson, printLines } from '../io.js'

interface SimulateOptions extends CommonOptions {
  readonly port?: number
}

/** `cadre simulate PROFILE.yaml` */
export function addSimulate(program: Command, line: CommandLine): void {
  addCommand(program, 'simulate', 'answer as a team of endpoints with the latency, failures and quality of a profile')
    .argument('<profile>', 'YAML file')
    .option('--port <number>', 'where to listen, on loopback; 0: any free port', portArgument)
    .action((file: string, options: SimulateOptions) => run(file, options, line.io))
}

async function run(file: string, { port, json }: SimulateOptions, io: Io): Promise<void> {
  const { simulate } = await import('../../serve/simulate.js')
  const interrupted = interruption(io)
  const { control, agents, stop } = await simulate(file, port)
  if (json === true) printJson(io, { control, agents })
  else {
    printLines(io, [
      '# for the team file',
      'agents:',
      ...agents.map(
        ({ name, endpoint }) => `  - { name: ${JSON.stringify(name)}, endpoint: ${JSON.stringify(endpoint)} }`,
      ),
      `# faults on demand: ${control}`,
      '# Ctrl-C stops',
    ])
  }
  await interrupted
  await stop()
}
