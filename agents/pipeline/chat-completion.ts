/** What a completion says of itself. */
interface Head {
  readonly id: string
  readonly model: string
  /** Seconds since the epoch. */
  readonly created: number
}

/** What is said, and what it stands on and who did what beside it. */
interface Said {
  readonly text: string
  readonly details: object
}

/** An answer in the form of the OpenAI API: whole, or as a stream of one piece, since it is checked before any of it is told. */
export function completionResponse(
  head: Head,
  said: Said,
  { stream, stream_options: options }: { readonly stream?: unknown; readonly stream_options?: unknown },
  headers: { readonly [name: string]: string },
): Response {
  if (stream !== true) {
    return new Response(JSON.stringify(wholeCompletion(head, said)), {
      headers: { ...headers, 'content-type': 'application/json' },
    })
  }
  const includeUsage = (options as { include_usage?: unknown } | null | undefined)?.include_usage === true
  return new Response(completionEvents(head, said, includeUsage), {
    headers: { ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
  })
}

function wholeCompletion(head: Head, { text, details }: Said): object {
  return {
    ...shapeOf(head, 'chat.completion'),
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage: noUsage,
    cadre: details,
  }
}

function completionEvents(head: Head, { text, details }: Said, includeUsage: boolean): string {
  const chunk = (delta: object, finish: string | null = null) => ({
    ...shapeOf(head, 'chat.completion.chunk'),
    choices: [{ index: 0, delta, finish_reason: finish }],
  })
  const events: object[] = [
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: text }),
    { ...chunk({}, 'stop'), cadre: details },
  ]
  if (includeUsage) events.push({ ...shapeOf(head, 'chat.completion.chunk'), choices: [], usage: noUsage })
  return `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`
}

/** Agents that are programs count no tokens. */
const noUsage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }

function shapeOf({ id, model, created }: Head, object: string): object {
  return { id: `chatcmpl-${id}`, object, created, model }
}
