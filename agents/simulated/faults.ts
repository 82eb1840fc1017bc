import type { ServerResponse } from 'node:http'
import { openStream, type SimulatedRequest, writeChunk, writeError } from './chat-answer.js'

/**
 * What can be wrong with an endpoint: connections are reset, nothing is ever answered, 429, 500, an HTML page in place of JSON, an
 * answer that never ends, or one that breaks off in its middle.
 */
export const faults = ['dead', 'hang', '429', '500', 'garbage', 'drip', 'break'] as const
export type Fault = (typeof faults)[number]

/** Faults that a health probe sees, too. */
const seenByProbes: readonly Fault[] = ['dead', 'hang', '500', 'garbage']

/** How often an answer that never ends goes on. */
const dripMs = 20

/** Answers as an endpoint with this fault does. @param request - null: a health probe */
export function writeFault(response: ServerResponse, fault: Fault, request: SimulatedRequest | null): void {
  if (fault === 'dead') response.destroy()
  else if (fault === '429') writeError(response, 429, 'simulated: over its limit', { 'retry-after': '1' })
  else if (fault === '500') writeError(response, 500, 'simulated: broken')
  else if (fault === 'garbage') response.writeHead(200, { 'content-type': 'text/html' }).end('<html>It works!</html>')
  else if (request !== null && fault !== 'hang') writeBeginning(response, fault, request)
}

/** Whether a probe is answered with the fault. */
export function probeSees(fault: Fault | null): fault is Fault {
  return fault !== null && seenByProbes.includes(fault)
}

function writeBeginning(response: ServerResponse, fault: Fault, request: SimulatedRequest): void {
  const beginning = '{"id":"chatcmpl-simulated","choices":['
  if (request.stream) {
    openStream(response)
    writeChunk(response, request, { role: 'assistant', content: '' })
    writeChunk(response, request, { content: 'It ' })
  } else {
    response.writeHead(200, { 'content-type': 'application/json' }).write(beginning)
  }
  if (fault === 'break') {
    setImmediate(() => response.destroy())
    return
  }
  const timer = setInterval(() => {
    if (request.stream) writeChunk(response, request, { content: 'goes on ' })
    else response.write(' ')
  }, dripMs)
  response.on('close', () => clearInterval(timer))
}
