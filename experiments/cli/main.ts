import { Command, CommanderError } from 'commander'
import { UsageError } from '#env/errors.js'
import { packageVersion } from '../modules/package-root.js'
import { type Registry, shipped } from '../modules/registry.js'
import type { CommandLine } from './command-line.js'
import { commands } from './commands.js'
import { reportFailure } from './failure.js'
import type { Io } from './io.js'

const examples = `
Examples:
  cadre envs                                            what there is, with settings and defaults
  cadre train experiments/configs/quickstart.yaml       train, evaluate, compare; writes report.html
  cadre train quickstart.yaml --seeds 2 --set steps=400_000 --out /tmp/runs
  cadre train quickstart.yaml --resume                  go on where Ctrl-C stopped
  cadre solve frozen-lake --set map=8x8 --gamma 0.99    exact optimum
  cadre check ./my-env.mjs                              does my environment, algorithm or policy keep the contract?
  cadre verify cart-pole.trace.json                     does an environment equal its original?
  cadre bench suite.yaml                                policies side by side
  cadre plot results/runs/frozen-lake-*                 reward curves of several runs
  cadre runs                                            what was run, and what became of it
  cadre serve team.yaml                                 put a policy in front of live models
  cadre simulate profile.yaml                           endpoints that answer as a profile says, without any key
  cadre understand train shop.csv --out shop.model      an agent that reads intents and slots
  cadre doctor                                          which tensor backends are there, and why not the others

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 130 interrupted. Every command takes --json.`

/**
 * The command line.
 * @param argv - arguments without node and the script
 * @param registry - what names stand for. Default: what ships with Cadre
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage or configuration, 130 interrupted
 */
export async function main(argv: readonly string[], io: Io, registry: Registry = shipped): Promise<number> {
  const flags = { json: argv.includes('--json'), verbose: argv.includes('--verbose') }
  let exitCode = 0
  const line: CommandLine = { io, registry, argv, finish: (code) => (exitCode = code) }
  try {
    await (await program(line)).parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportFailure(error, flags, io)
    if (error.exitCode === 0) return 0
    if (error.code === 'commander.help') return 2
    const message = error.message.replace(/^error: /, '').replace(/\n\((.*)\)$/, '; $1')
    return reportFailure(new UsageError(`cadre: ${message}`), flags, io)
  }
}

async function program(line: CommandLine): Promise<Command> {
  const { io, argv } = line
  const root = new Command('cadre')
    .description('Train coordination policies for teams of LLM agents and hold them against the exact optimum.')
    .version(packageVersion())
    .addHelpText('after', examples)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // Reported with our own words and code.
      outputError: () => undefined,
    })
  // Only the code of the command that is run is loaded; help, and names that aren't known, need all of them.
  const named = commands.filter(({ name }) => name === argv[0])
  for (const { load } of named.length > 0 ? named : commands) (await load())(root, line)
  return root
}
