import { hopsHeader, readHops } from '../client/hops.js'
import { ApiError } from './api-error.js'

/** More gateways than this in a row are a mistake. */
const mostHops = 16

/**
 * The gateways that a request has come through, this one among them.
 * @param values - of the request's header
 * @param self - id of this gateway
 * @throws ApiError 508 where it has come through here before: teams that ask each other would never end
 */
export function throughHops(values: readonly string[] | undefined, self: string): readonly string[] {
  const hops = readHops(values)
  if (hops.includes(self)) {
    throw loopDetected('this request has come through this gateway before: an agent of the team leads back to it')
  }
  if (hops.length >= mostHops)
    throw loopDetected(`this request has come through ${mostHops} gateways: agents lead in a circle`)
  return [...hops, self]
}

/** What a client is told of a request that goes round: nobody on the way back tries it again. */
export function loopDetected(message: string): ApiError {
  return new ApiError(508, message, { code: 'loop_detected', param: hopsHeader })
}
