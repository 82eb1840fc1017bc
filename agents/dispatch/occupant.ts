import type { Attempt } from '../client/agent-client.js'

/** How somebody on a seat is asked: until when, and who hears of it. */
export interface Asking {
  /** Aborted when nobody waits for the answer any more, or another has the query. */
  readonly signal: AbortSignal
  /** Until the deadline of the query. */
  remainingMs(): number
  /** Hears of every try. */
  onAttempt(attempt: Attempt): void
}

/** An answer from a seat. */
export interface Given<Answer> {
  readonly answer: Answer
  /** Whether it is there as a whole; else whoever takes it says when it has ended. */
  readonly isWhole: boolean
  /** Lets go of an answer that nobody wants any more. */
  letGo(): void
}

/** Whoever sits on a seat of a dispatched team: an endpoint elsewhere, or an agent of this process. */
export interface Occupant<Question, Answer> {
  readonly name: string
  /** Whether queries may be given to it. It is up while a query tests it: else that query would be taken from it, and it never came up. */
  readonly isUp: boolean
  /** Whether it may be asked now. */
  readonly mayBeAsked: boolean
  /** After how long it may be asked again, ms; Infinity where it may be now, where it tells itself, and where that isn't known. */
  readonly opensInMs: number
  /** @throws AgentFailure when it doesn't answer */
  ask(question: Question, asking: Asking): Promise<Given<Answer>>
}
