import { type Profile, profileSchema } from '#agents/simulated/profile-schema.js'
import { SimulatedTeam } from '#agents/simulated/simulated-team.js'
import { ConfigError } from '#env/errors.js'
import { isMapping } from '../config/entry-reader.js'
import { parseWithSchema } from '../config/parse-with-schema.js'
import { readDocument } from '../config/read-document.js'

/** A simulated team that listens. `cadre simulate --json` prints all but `stop`. */
export interface Simulated {
  /** Shows how the agents are, and takes faults. */
  readonly control: string
  /** As they stand in a team file. */
  readonly agents: readonly { readonly name: string; readonly endpoint: string }[]
  stop(): Promise<void>
}

/**
 * Starts the team of a profile.
 * @param port - comes before the file's
 * @throws ConfigError with every problem found, each with file, line and column; or when the port can't be listened on
 */
export async function simulate(file: string, port?: number): Promise<Simulated> {
  const document = readDocument(file)
  if (port !== undefined && isMapping(document.data)) {
    document.data.port = port
    document.markGiven(['port'], `--port ${port}`)
  }
  const profile: Profile = parseWithSchema(profileSchema, document)
  const team = new SimulatedTeam(profile)
  try {
    const url = await team.listen()
    const agents = profile.agents.map(({ name }) => ({ name, endpoint: team.endpointOf(name) }))
    return { control: `${url}/control`, agents, stop: () => team.close() }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const inUse = `port ${profile.port} is in use; choose another: --port`
    throw new ConfigError([document.problem(['port'], code === 'EADDRINUSE' ? inUse : message)])
  }
}
