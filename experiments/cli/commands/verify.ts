import type { Command } from 'commander'
import { CadreError, ConfigError } from '#env/errors.js'
import type { LoadedTrace } from '../../verify/load-trace.js'
import type { VerifiedTrace } from '../../verify/verify-trace.js'
import { addCommand, type CommandLine, type CommonOptions } from '../command-line.js'
import { printJson, printLines } from '../io.js'

/** What `cadre verify --json` prints. */
export interface VerifyDocument {
  readonly ok: boolean
  readonly files: readonly VerifiedTrace[]
}

/** `cadre verify FILE...`: exit code 0 when all replay, 1 at a divergence or where an environment's own code throws, 2 for a malformed file. */
export function addVerify(program: Command, line: CommandLine): void {
  addCommand(program, 'verify', 'replay recorded traces: do environments equal their originals?')
    .argument('<file...>', 'traces, such as cart-pole.trace.json')
    .option(
      '--env <file>',
      'a file that exports an environment of your own, for traces of it; repeatable',
      (file: string, before: string[]) => [...before, file],
      [],
    )
    .action(async (paths: string[], options: CommonOptions & { env: string[] }) => {
      const { loadTrace } = await import('../../verify/load-trace.js')
      const { withEnvironments } = await import('../../verify/user-environments.js')
      const { verifyTrace } = await import('../../verify/verify-trace.js')
      // All are checked before the first is replayed: a malformed one hides neither behind a long replay nor behind another.
      const registry = await withEnvironments(line.registry, options.env, process.cwd())
      const traces: LoadedTrace[] = []
      const refused: CadreError[] = []
      for (const path of paths) {
        try {
          traces.push(await loadTrace(path, registry))
        } catch (error) {
          if (!(error instanceof CadreError)) throw error
          refused.push(error)
        }
      }
      if (refused.length > 0) throw allOf(refused)
      const files = traces.map(verifyTrace)
      const ok = files.every((file) => file.ok)
      line.finish(ok ? 0 : 1)
      if (options.json === true) printJson(line.io, { ok, files } satisfies VerifyDocument)
      else printLines(line.io, files.map(describe))
    })
}

/** Several refusals as one. */
function allOf(errors: readonly CadreError[]): CadreError {
  if (errors.length === 1) return errors[0]!
  if (errors.every((error) => error instanceof ConfigError)) {
    return new ConfigError(errors.flatMap(({ problems }) => problems))
  }
  const { code, exitCode } = errors[0]!
  return new CadreError(code, errors.map(({ message }) => message).join('\n'), { exitCode })
}

function describe({ file, env, episodes, steps, divergence, error }: VerifiedTrace): string {
  if (error !== null) return `FAILED    ${file}: ${error}`
  if (divergence === null) return `ok        ${file}: ${env}, ${episodes} episodes, ${steps} steps`
  const { episode, step, agent, field, expected, got } = divergence
  const place = [
    `episode ${episode}`,
    step === null ? 'start' : `step ${step}`,
    ...(agent === null ? [] : [agent]),
    field,
  ]
  return `DIVERGES  ${file}: ${place.join(', ')}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`
}
