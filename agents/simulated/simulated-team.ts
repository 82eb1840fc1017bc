import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { type Clock, machineClock } from '../client/clock.js'
import { readUpTo } from '../client/upstream-response.js'
import { isLoopback } from '../team/loopback.js'
import { readRequest, writeAnswer, writeError, writeJson } from './chat-answer.js'
import { type Fault, faults, probeSees, writeFault } from './faults.js'
import type { Profile } from './profile-schema.js'
import { SimulatedAgent } from './simulated-agent.js'

export interface SimulatedTeamOptions {
  /** Default: the machine's. */
  readonly clock?: Clock
  /**
   * A moment at which a tick begins, ms since the epoch: whoever counts ticks from the same one has agents that answer in the middle of
   * ticks. Default 0: ticks begin at multiples of `tickMs`.
   */
  readonly originMs?: number
}

/** Longest request. */
const bodyBytes = 33_554_432

interface Member {
  readonly name: string
  readonly agent: SimulatedAgent
  fault: Fault | null
  answered: number
}

/** How a simulated agent is. */
export interface SimulatedAgentStatus {
  readonly name: string
  readonly up: boolean
  readonly queue: number
  readonly answered: number
  readonly fault: Fault | null
}

const controlSchema = z.strictObject({
  agent: z.string(),
  fault: z.enum(faults).nullable().optional(),
  up: z.boolean().nullable().optional(),
})

/**
 * A team of OpenAI-compatible endpoints on loopback that answer as a profile says: with its latencies, failures and skills, drawn from
 * its seed. One port; each agent has a path: `/agents/NAME/v1`. `/control` shows how the agents are, and takes faults on demand.
 */
export class SimulatedTeam {
  readonly #profile: Profile
  readonly #members: ReadonlyMap<string, Member>
  readonly #server: Server
  #origin = ''

  /** @param profile - checked, see profileSchema */
  constructor(profile: Profile, { clock = machineClock, originMs = 0 }: SimulatedTeamOptions = {}) {
    this.#profile = profile
    const { tickMs, seed } = profile
    const sinceTick = (((clock.now() - originMs) % tickMs) + tickMs) % tickMs
    const time = { clock, tickMs, origin: clock.elapsedMs() - sinceTick }
    this.#members = new Map(
      profile.agents.map((one) => {
        const agent = new SimulatedAgent(one, time, `simulated-${seed}/${one.name}`)
        return [one.name, { name: one.name, agent, fault: null, answered: 0 }]
      }),
    )
    this.#server = createServer((incoming, outgoing) => {
      this.#answer(incoming, outgoing).catch(() => outgoing.destroy())
    })
    // A queue may be long.
    this.#server.requestTimeout = 0
  }

  /**
   * Starts to listen on loopback, and the agents to go down and come up.
   * @returns where, without a slash at its end
   * @throws Error of node:net when it can't
   */
  async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ port: this.#profile.port, host: '127.0.0.1', backlog: 4096 }, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
    for (const { agent } of this.#members.values()) agent.start()
    this.#origin = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return this.#origin
  }

  /** For an agent of a team file. @throws RangeError where nobody has that name */
  endpointOf(name: string): string {
    return `${this.#origin}/agents/${encodeURIComponent(this.#memberOf(name).name)}/v1`
  }

  /** How the agents are, in the order of the profile. */
  get status(): readonly SimulatedAgentStatus[] {
    return [...this.#members.values()].map(({ name, agent, answered, fault }) => {
      const { up, queue } = agent
      return { name, up, queue, answered, fault }
    })
  }

  /** What an agent does to every request from now on; null: it answers. @throws RangeError where nobody has that name */
  setFault(name: string, fault: Fault | null): void {
    this.#memberOf(name).fault = fault
  }

  /** Holds an agent down or up; null lets its own process go on. @throws RangeError where nobody has that name */
  force(name: string, up: boolean | null): void {
    this.#memberOf(name).agent.force(up)
  }

  /** Closes everything; what is in work gets no answer. */
  async close(): Promise<void> {
    for (const { agent } of this.#members.values()) agent.stop()
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }

  #memberOf(name: string): Member {
    const member = this.#members.get(name)
    if (member !== undefined) return member
    throw new RangeError(`there is no simulated agent "${name}" (there are: ${[...this.#members.keys()].join(', ')})`)
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const host = (incoming.headers.host ?? '').replace(/:\d*$/, '')
    // A page in a browser must not get in by another name.
    if (!isLoopback(host)) return writeError(outgoing, 403, 'only requests to a loopback name are answered')
    const { pathname } = new URL(incoming.url ?? '/', 'http://localhost')
    if (pathname === '/control') return this.#control(incoming, outgoing)
    const [, name = '', path] = /^\/agents\/([^/]+)\/v1(\/models|\/chat\/completions)$/.exec(pathname) ?? []
    const member = this.#members.get(decodeURIComponent(name))
    if (member === undefined || (incoming.method === 'GET') !== (path === '/models')) {
      const paths = '/agents/NAME/v1/models, /agents/NAME/v1/chat/completions and /control'
      return writeError(outgoing, 404, `there is nothing here; there are ${paths}`)
    }
    if (path === '/models') this.#answerProbe(outgoing, member)
    else await this.#answerQuery(incoming, outgoing, member)
  }

  #answerProbe(outgoing: ServerResponse, { name, agent, fault }: Member): void {
    if (probeSees(fault)) writeFault(outgoing, fault, null)
    else if (!agent.up) writeError(outgoing, 503, 'simulated: down')
    else writeJson(outgoing, 200, { object: 'list', data: [{ id: name, object: 'model' }] })
  }

  async #answerQuery(incoming: IncomingMessage, outgoing: ServerResponse, member: Member): Promise<void> {
    const request = readRequest((await readUpTo(incoming, bodyBytes)).toString('utf8'))
    if (request === null) return writeError(outgoing, 400, 'expected a chat completion: { model, messages }')
    if (member.fault !== null) return writeFault(outgoing, member.fault, request)
    const { types, typeHeader } = this.#profile
    const named = incoming.headers[typeHeader]
    const type = named === undefined ? typeIn(request.text, types) : types.indexOf(String(named))
    if (type < 0) return writeError(outgoing, 400, `unknown query type; there are: ${types.join(', ')}`)
    const leave = member.agent.take(type, (good) => {
      if (outgoing.destroyed) return
      const kind = types[type]!
      const text = `${member.name} gives a ${good ? 'good' : 'bad'} answer to query ${++member.answered}, type ${kind}`
      writeAnswer(outgoing, request, text, {
        'x-simulated-agent': member.name,
        'x-simulated-good': good ? '1' : '0',
        'x-simulated-type': encodeURIComponent(kind),
      })
    })
    outgoing.once('close', leave)
  }

  async #control(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (incoming.method === 'GET') return writeJson(outgoing, 200, { agents: this.status })
    // A form of a page in a browser can't send this type.
    if (incoming.headers['content-type']?.split(';')[0] !== 'application/json') {
      return writeError(outgoing, 415, 'expected content-type: application/json')
    }
    const parsed = controlSchema.safeParse(parse((await readUpTo(incoming, 65_536)).toString('utf8')))
    if (!parsed.success || !this.#members.has(parsed.data.agent)) {
      const agents = [...this.#members.keys()].join(', ')
      const message = `expected { agent, fault?, up? }: agent one of ${agents}; fault null or one of ${faults.join(', ')}; up true, false or null`
      return writeError(outgoing, 400, message)
    }
    const { agent, fault, up } = parsed.data
    if (fault !== undefined) this.setFault(agent, fault)
    if (up !== undefined) this.force(agent, up)
    writeJson(outgoing, 200, { agents: this.status })
  }
}

/** The first type that a text names as a word; the first of all where it names none. */
function typeIn(text: string, types: readonly string[]): number {
  const words = text.split(/[^\p{L}\p{N}_-]+/u)
  const found = words.map((word) => types.indexOf(word)).find((type) => type >= 0)
  return found ?? 0
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
