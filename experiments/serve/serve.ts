import { type Logger, pino } from 'pino'
import { Gateway } from '#agents/gateway/gateway.js'
import { LogFile } from '#agents/log/log-file.js'
import { answeringNeedsRestart, needsRestart } from '#agents/team/team-changes.js'
import { unencryptedAgents } from '#agents/team/team-problems.js'
import { ConfigError, StorageError } from '#env/errors.js'
import { addressProblem } from './address-problem.js'
import type { LoadedTeam } from './load-team.js'
import { holdLog } from './log-lock.js'
import { LookAhead } from './look-ahead.js'
import { moveClients, movedMessage, notTaken } from './move-clients.js'
import type { TeamSolver } from './team-solver.js'
import { unwritable } from './unwritable.js'

/** A team that is served. `cadre serve --json` prints what isn't a function. */
export interface Served {
  /** Base URL for clients, ending in /v1. */
  readonly url: string
  /** The model under which the policy chooses. */
  readonly model: string
  readonly agents: readonly string[]
  readonly policy: { readonly name: string; readonly sha256: string | null }
  /** Opens the decision log anew by its name, see LogFile.reopen. */
  reopenLog(): void
  /**
   * Takes over where agents are reached by the team file, and what it says of dispatch: settings of the environment, the policy, and how
   * the types of queries are told. What is in work stays; what else has changed is told, and needs a restart. A file that is wrong, or of another team, changes
   * nothing; it is told.
   */
  reload(load: (solver: TeamSolver | null) => Promise<LoadedTeam>): Promise<void>
  /** Lets what is in work end and closes everything. */
  stop(): Promise<void>
}

/** A log of JSON lines. @param write - takes each line */
export function lineLogger(write: (line: string) => unknown): Logger {
  const options = {
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level: string) => ({ level }) },
  }
  return pino(options, { write: (line) => void write(line) })
}

/**
 * Starts a gateway for a team.
 * @throws RunStateError when another gateway writes the decision log
 * @throws ConfigError when the decision log can't be opened, or the address can't be listened on
 */
export async function serve(loaded: LoadedTeam, logger: Logger): Promise<Served> {
  const lock = holdLog(loaded.logFile)
  try {
    const served = await start(loaded, logger)
    const stop = async () => {
      try {
        await served.stop()
      } finally {
        lock.release()
      }
    }
    return { ...served, stop }
  } catch (error) {
    lock.release()
    throw error
  }
}

async function start(loaded: LoadedTeam, logger: Logger): Promise<Served> {
  const { team, lead, policy, seed, apiKeys, proxies, document } = loaded
  const sink = openLog(loaded, logger)
  if (sink.repairedBytes > 0) {
    logger.warn(
      { file: sink.path, bytes: sink.repairedBytes },
      'the last line of the decision log was torn and is cut off',
    )
  }
  for (const agent of unencryptedAgents(team)) {
    logger.warn({ agent }, 'prompts and keys travel to this agent unencrypted; use https')
  }
  for (const remark of loaded.remarks) logger.warn(remark)
  const gateway = new Gateway({ team, lead, policy, seed, apiKeys, proxies, sink, logger })
  const { dispatcher } = gateway
  let solver = loaded.dispatched?.solver ?? null
  let ahead: LookAhead | null = null
  try {
    const { url } = await gateway.listen()
    if (dispatcher !== undefined && lead.kind === 'dispatch') {
      ahead = new LookAhead(dispatcher, { config: lead.config, ...loaded.dispatched! }, logger)
    }
    let reloaded = Promise.resolve()
    const reload: Served['reload'] = async (load) => {
      try {
        const anew = await load(solver)
        if (dispatcher !== undefined) {
          gateway.adopt(anew)
          solver = anew.dispatched!.solver
          logger.info(
            { policy: anew.policy.name },
            'policy, environment and types of queries were read again and hold from the next decision',
          )
          for (const remark of anew.remarks) logger.warn(remark)
        }
        const moved =
          loaded.within === null
            ? gateway.adoptReplicas(anew.team)
            : moveClients(loaded.within.clients, anew.within?.clients ?? new Map())
        // Its agents were only read.
        await anew.within?.close()
        if (moved.length > 0) logger.info({ agents: moved }, movedMessage(moved))
        const waiting =
          loaded.within === null
            ? needsRestart(team, anew.team)
            : answeringNeedsRestart(document.data, anew.document.data)
        if (waiting.length > 0) {
          logger.warn({ settings: waiting }, `the team file has changes that need a restart: ${waiting.join(', ')}`)
        }
        const { lead: led } = anew
        if (led.kind === 'dispatch') await ahead?.follow({ config: led.config, ...anew.dispatched! })
      } catch (error) {
        logger.error({ cause: (error as Error).message }, notTaken)
      }
    }
    return {
      url,
      model: team.model,
      agents: team.agents.map(({ name }) => name),
      policy: { name: policy.name, sha256: policy.sha256 },
      reopenLog: () => {
        try {
          sink.reopen()
          logger.info({ file: loaded.logFile }, 'the decision log was opened anew')
        } catch (error) {
          logger.error({ cause: (error as Error).message }, 'the decision log could not be opened anew')
        }
      },
      // One after the other: the file that was read last is the one that holds.
      reload: (load) => {
        reloaded = reloaded.then(() => reload(load))
        return reloaded
      },
      stop: async () => {
        await ahead?.close()
        await gateway.stop()
      },
    }
  } catch (error) {
    sink.close()
    throw new ConfigError([addressProblem(team.listen, error, document)])
  }
}

/** @throws ConfigError when the decision log can't be opened */
function openLog({ logFile: file, document }: LoadedTeam, logger: Logger): LogFile {
  const moved = 'the decision log was moved away or deleted; it goes on in the file that has its name now'
  try {
    return new LogFile(file, { onRotated: () => logger.info({ file }, moved) })
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    throw new ConfigError([document.problem(['log', 'file'], unwritable(file) ?? error.message)])
  }
}
