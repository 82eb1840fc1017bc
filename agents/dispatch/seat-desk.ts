import { z } from 'zod'
import { ApiError } from '../gateway/api-error.js'
import { parseBody } from '../gateway/chat-request.js'
import { type Call, receiveBody } from '../gateway/receive-body.js'
import type { WorkList } from '../gateway/work.js'
import { replicasOf } from '../team/replicas.js'
import { teamProblems } from '../team/team-problems.js'
import { type Team, type TeamAgent, teamAgentSchema } from '../team/team-schema.js'
import type { SeatTable } from './seat-table.js'

/** Longest request. */
const bodyBytes = 65_536

const reachSchema = teamAgentSchema.pick({ endpoint: true })
const joinSchema = z.looseObject({ seat: z.string().min(1).optional() })

export interface SeatDeskParts {
  /** As its file said it at the start. */
  readonly team: Team
  readonly seats: SeatTable
  readonly works: WorkList
  /** Agents of the team's file, at the endpoints that it says by now. */
  filed(): readonly TeamAgent[]
  /** Agents that have a seat now, by seat; null where nobody has. */
  seated(): readonly (TeamAgent | null)[]
  /** Has whoever has a seat be reached at these from now on. */
  reach(seat: number, urls: readonly string[]): void
  /** Gives a seat to an agent. */
  seat(agent: TeamAgent, seat: number): void
}

/**
 * Has agents join and leave a dispatched team. A policy is made for its seats: one that nobody has counts as down, and whoever joins
 * takes such a seat. A key of the environment goes only where the team's file sends it: to the same origin.
 */
export class SeatDesk {
  readonly #parts: SeatDeskParts

  constructor(parts: SeatDeskParts) {
    this.#parts = parts
  }

  /** `POST /v1/team/agents` @throws ApiError what to tell the client instead */
  async join(call: Call): Promise<Response> {
    this.#checkOpen()
    const { works, seats } = this.#parts
    const { body } = await receiveBody(call, works, bodyBytes)
    const { seat: wanted, ...rest } = parseBody(body, joinSchema)
    const agent = parseBody(JSON.stringify(rest), teamAgentSchema)
    this.#check(agent)
    const seat = this.#seatFor(agent.name, wanted)
    this.#parts.seat(agent, seat)
    return Response.json({ agent: agent.name, seat: seats.names[seat] }, { status: 201 })
  }

  /** `PUT /v1/team/agents/NAME`: its replicas from now on. @throws ApiError what to tell the client instead */
  async reach(call: Call, name: string): Promise<Response> {
    this.#checkOpen()
    const { body } = await receiveBody(call, this.#parts.works, bodyBytes)
    const { endpoint } = parseBody(body, reachSchema)
    const seat = this.#seatOf(name)
    this.#checkKey({ ...this.#parts.seated()[seat]!, endpoint }, 'endpoint')
    this.#parts.reach(seat, replicasOf({ endpoint }))
    return Response.json({ agent: name, endpoint })
  }

  /** `DELETE /v1/team/agents/NAME` @throws ApiError what to tell the client instead */
  leave(name: string): Response {
    this.#checkOpen()
    const { seats } = this.#parts
    const seat = this.#seatOf(name)
    seats.leave(seat)
    return Response.json({ agent: name, seat: seats.names[seat], status: 'leaving' }, { status: 202 })
  }

  /** @throws ApiError 404 where nobody is called so */
  #seatOf(name: string): number {
    const seated = this.#parts.seated()
    const seat = seated.findIndex((agent) => agent?.name === name)
    if (seat < 0) {
      const names = seated.flatMap((agent) => agent?.name ?? [])
      const there = names.length === 0 ? 'there is none now' : `there are ${names.join(', ')}`
      throw new ApiError(404, `there is no agent ${shown(name)} in the team; ${there}`, {
        code: 'agent_not_found',
      })
    }
    return seat
  }

  #checkOpen(): void {
    if (this.#parts.team.dispatch?.openSeats === true) return
    const message =
      'agents can neither join nor leave this team while it runs; set dispatch.openSeats: true in its file'
    throw new ApiError(403, message, { code: 'seats_closed' })
  }

  /** Holds an agent to what the agents of a team file are held to. */
  #check(agent: TeamAgent): void {
    const { team } = this.#parts
    const present = this.#parts.seated().filter((one) => one !== null)
    if (present.some(({ name }) => name === agent.name)) {
      throw new ApiError(409, `the team has an agent ${shown(agent.name)}; choose another name`, {
        code: 'agent_exists',
        param: 'name',
      })
    }
    const problem = teamProblems({ ...team, agents: [...present, agent] }).find(
      ({ path }) => path[0] === 'agents' && path[1] === present.length,
    )
    if (problem !== undefined) throw invalid(problem.message, String(problem.path[2] ?? 'name'))
    this.#checkKey(agent, 'apiKey.env')
  }

  /** A key goes only where the team's file sends it. */
  #checkKey({ apiKey, endpoint }: Pick<TeamAgent, 'apiKey' | 'endpoint'>, param: string): void {
    if (apiKey === undefined) return
    const known = this.#parts
      .filed()
      .filter((other) => other.apiKey?.env === apiKey.env)
      .flatMap((other) => replicasOf(other).map(originOf))
    const stranger = replicasOf({ endpoint })
      .map(originOf)
      .find((origin) => !known.includes(origin))
    if (stranger === undefined) return
    throw invalid(
      `${apiKey.env} is sent only where the team's file sends it; name it there for an agent at ${stranger}`,
      param,
    )
  }

  /** @throws ApiError 409 where it is taken, 400 where there is none of that name */
  #seatFor(agent: string, wanted: string | undefined): number {
    const { names } = this.#parts.seats
    const seated = this.#parts.seated()
    const free = names.filter((_, i) => seated[i] === null)
    if (free.length === 0) {
      const message = `all ${names.length} seats of the team are taken, and its policy is made for so many; let an agent leave first`
      throw new ApiError(409, message, { code: 'no_seat' })
    }
    const seat = names.indexOf(wanted ?? agent)
    if (seat < 0) throw invalid(`there is no seat ${shown(wanted ?? agent)}; nobody has ${free.join(', ')}`, 'seat')
    const holder = seated[seat]
    if (holder === null) return seat
    const message = `${shown(holder!.name)} has the seat ${shown(names[seat]!)}; nobody has ${free.join(', ')}`
    throw new ApiError(409, message, { code: 'seat_taken', param: 'seat' })
  }
}

function originOf(url: string): string {
  return new URL(url).origin
}

function invalid(message: string, param: string): ApiError {
  return new ApiError(400, `${param}: ${message}`, { code: 'invalid_request', param })
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 100))
}
