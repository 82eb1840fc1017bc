import type { Attempt } from '../client/agent-client.js'
import type { Clock } from '../client/clock.js'
import { hopsHeader, hopsHeaders } from '../client/hops.js'
import type { Team } from '../team/team-schema.js'
import { type ChatRequest, parseChatRequest } from './chat-request.js'
import { forwardedBody } from './forwarded-body.js'
import { forwardedHeaders } from './forwarded-headers.js'
import { type Call, receiveBody } from './receive-body.js'
import type { RelayedQuestion } from './relay.js'
import type { Asked } from './replies.js'
import { throughHops } from './through-hops.js'
import type { WorkList } from './work.js'

/** A request for a chat completion that is in work. */
export interface ReceivedChat {
  readonly request: ChatRequest
  /** What its reply wants to know; every try is to be added to its attempts. */
  readonly asked: Asked & { readonly attempts: Attempt[] }
  /** What agents are asked. */
  readonly question: RelayedQuestion
  /** The gateways that it has come through, this one last. */
  readonly hops: readonly string[]
}

/** What takes requests for chat completions in. */
export interface Reception {
  readonly team: Team
  /** Id of the gateway. */
  readonly self: string
  readonly works: WorkList
  readonly clock: Clock
}

/**
 * Takes a request for a chat completion into work.
 * @throws ApiError what to tell the client instead
 */
export async function receiveChat(call: Call, { team, self, works, clock }: Reception): Promise<ReceivedChat> {
  const began = clock.elapsedMs()
  const came = call.incoming.headersDistinct
  const hops = throughHops(came[hopsHeader], self)
  const { work, body } = await receiveBody(call, works, team.limits.bodyBytes)
  const request = parseChatRequest(body)
  return {
    request,
    asked: { id: call.id, work, attempts: [], began },
    question: {
      stream: request.stream === true,
      body: forwardedBody(body, request),
      headers: [...forwardedHeaders(came, team.forwardHeaders), ...hopsHeaders(hops)],
    },
    hops,
  }
}
