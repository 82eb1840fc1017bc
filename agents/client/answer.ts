import type { AnswerStream } from './answer-stream.js'
import type { Usage } from './completion.js'

/** An agent's answer: whole, as the bytes that came, or a stream whose first token is there. */
export type Answer =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array; readonly usage: Usage | null }
  | { readonly kind: 'stream'; readonly stream: AnswerStream }
