import type { LoggedRequest, LogReading } from '#agents/log/read-log.js'

/**
 * The questions of a log, by id. Their parts, which agents with queues worked on, are requests of their own in it: decisions on them tell the
 * type of a query, and are none of the pipeline's.
 */
export function questionsIn({ requests }: LogReading): Map<string, LoggedRequest> {
  return new Map([...requests].filter(([, { decisions }]) => decisions.every(({ type }) => type == null)))
}
