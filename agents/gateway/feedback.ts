import { z } from 'zod'
import { ApiError, retryAfter } from './api-error.js'
import { parseBody } from './chat-request.js'
import type { Ledger } from './ledger.js'
import { type Call, receiveBody } from './receive-body.js'
import type { WorkList } from './work.js'

/** Longest request. */
const bodyBytes = 65_536

const feedbackSchema = z
  .strictObject({
    request: z.string().min(1).max(200),
    score: z.number().min(0).max(1).optional(),
    label: z.enum(['good', 'bad']).optional(),
    source: z.string().min(1).max(200).optional(),
    comment: z.string().max(10_000).optional(),
  })
  .refine(({ score, label }) => (score === undefined) !== (label === undefined), {
    message: 'expected either score (0 to 1) or label (good or bad)',
  })

/** As the gateway makes ids: those of which it can't be known whether they were given. */
const requestId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export interface FeedbackParts {
  readonly works: WorkList
  readonly ledger: Ledger
  /** Hears how good the answer to a request that is remembered was, 0 to 1, when that is new. */
  onFeedback?(request: string, score: number): void
}

/** Takes in how good answers were: days later, and after a restart, too. */
export class FeedbackDesk {
  readonly #parts: FeedbackParts

  constructor(parts: FeedbackParts) {
    this.#parts = parts
  }

  /** @throws ApiError what to tell the client instead */
  async take(call: Call): Promise<Response> {
    const { works, ledger } = this.#parts
    const { body } = await receiveBody(call, works, bodyBytes)
    const said = parseBody(body, feedbackSchema)
    const { request, label = null, comment = null, source = call.key ?? 'client' } = said
    const score = said.score ?? Number(label === 'good')
    const known = ledger.knows(request)
    if (!known && !requestId.test(request)) {
      const shown = JSON.stringify(request)
      const message = `there was no request ${shown}; give the id that its answer has in the header x-cadre-request-id`
      throw new ApiError(404, message, { code: 'request_not_found', param: 'request' })
    }
    const told = ledger.told({ request, source, score, label, comment, key: call.key, known })
    if (told === 'lost') {
      throw new ApiError(503, 'the feedback could not be logged; send it again', {
        code: 'not_logged',
        headers: retryAfter(5000),
      })
    }
    if (known && told !== 'repeated') this.#parts.onFeedback?.(request, score)
    return Response.json({ request, source, score, known, status: told })
  }
}
