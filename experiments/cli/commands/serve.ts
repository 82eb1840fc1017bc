import type { Command } from 'commander'
import { addCommand, type CommandLine, type CommonOptions, portArgument } from '../command-line.js'
import { interruption } from '../interruption.js'
import { type Io, printJson, printLines } from '../io.js'

interface ServeOptions extends CommonOptions {
  readonly host?: string
  readonly port?: number
}

/** `cadre serve TEAM.yaml` */
export function addServe(program: Command, line: CommandLine): void {
  addCommand(program, 'serve', 'put a policy in front of OpenAI-compatible endpoints')
    .argument('<team>', 'YAML file, or the name of a team that ships with Cadre')
    .option('--host <address>', 'where to listen; anything but loopback needs keys')
    .option('--port <number>', 'where to listen; 0: any free port', portArgument)
    .action((file: string, options: ServeOptions) => run(file, options, line.io))
}

async function run(use: string, { host, port, json }: ServeOptions, io: Io): Promise<void> {
  const { loadServed } = await import('../../answering/load-served.js')
  const { teamFile } = await import('../../answering/shipped-teams.js')
  const { lineLogger, serve } = await import('../../serve/serve.js')
  const file = existingOrNamed(use, teamFile)
  const options = {
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    env: io.env,
  }
  const logger = lineLogger((text) => io.stderr.write(text))
  const onSolving = (states: number) => logger.info({ states }, `solving the optimum of ${states} states`)
  const loaded = await loadServed(file, { ...options, starting: true, onSolving })
  const interrupted = interruption(io)
  const served = await serve(loaded, logger)
  io.onReopen(() => {
    served.reopenLog()
    void served.reload((solver) => loadServed(file, { ...options, solver }))
  })
  const { url, model, agents, policy } = served
  if (json === true) printJson(io, { url, model, agents, policy })
  else {
    const led = policy.sha256 === null ? policy.name : `${policy.name} ${policy.sha256.slice(0, 12)}`
    // A dispatcher's agents can't be asked for by name.
    const answering =
      loaded.team.dispatch === undefined
        ? [`models: ${[`${model} (${led} chooses)`, ...agents].join(', ')}`]
        : [`model: ${model} (${led} dispatches)`, `agents: ${agents.join(', ')}`]
    printLines(io, [
      `listening on ${url}`,
      ...answering,
      `status: ${url.replace(/\/v1$/, '/team')}, chat: ${url.replace(/\/v1$/, '/chat')}`,
      `decisions: ${loaded.logFile}`,
      ...(loaded.handOverFile === undefined ? [] : [`hand-overs: ${loaded.handOverFile}`]),
      'Ctrl-C stops',
    ])
  }
  await interrupted
  io.stderr.write('stopping: what is in work ends first; again to stop at once\n')
  await served.stop()
}

/** A name without a dot or slash that is no file may be that of a team that ships. */
function existingOrNamed(use: string, teamFile: (use: string) => string): string {
  return /[./\\]/.test(use) ? use : teamFile(use)
}
