import { z } from 'zod'
import { dispatchSchema } from './dispatch-schema.js'
import { portTooHigh, shownUrl } from './shown-url.js'

/** What an agent's or the team's name may hold: it travels in headers. */
const name = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[!-~]([ -~]*[!-~])?$/, 'expected printable ASCII without spaces at its ends: names travel in headers')

const milliseconds = z.int().min(1).max(3_600_000)

/**
 * Where an agent can be reached: an endpoint without a slash at its end, or one of each of its replicas. Whatever is wrong, a URL that may
 * hold a password isn't shown.
 */
const endpoint = z.union([z.string(), z.array(z.string()).min(1).max(1000)]).transform((given, context) => {
  if (typeof given === 'string') return endpointUrl(given, (message) => context.addIssue({ code: 'custom', message }))
  const urls = given.map((text, k) =>
    endpointUrl(text, (message) => context.addIssue({ code: 'custom', message, path: [k] })),
  )
  urls.forEach((url, k) => {
    // What is no URL is told already.
    if (typeof url !== 'string' || urls.indexOf(url) === k) return
    context.addIssue({ code: 'custom', message: `${shownUrl(url)} stands twice; name each replica once`, path: [k] })
  })
  return urls
})

/** @param note - hears what is wrong */
function endpointUrl(text: string, note: (message: string) => void): string {
  const refuse = (message: string): never => {
    note(message)
    return z.NEVER
  }
  const url = URL.canParse(text) ? new URL(text) : undefined
  const port = portTooHigh(text)
  if (port !== null) return refuse(`port ${port} is above 65535, the highest; got ${shownUrl(text)}`)
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    return refuse(`expected a URL that starts with http:// or https:// and ends in /v1, got ${shownUrl(text)}`)
  }
  if (url.username !== '' || url.password !== '') {
    return refuse('a URL with a password in it; leave it out and name the key: apiKey: { env: NAME }')
  }
  // Other paths are some providers' own; a bare host is one whose path was forgotten.
  if (url.hash !== '' || url.pathname === '/') {
    return refuse(`expected a URL that ends in /v1, got ${shownUrl(text)}`)
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}${url.search}`
}

/** Headers that belong to one connection or one body, or that the gateway writes itself. */
const ownHeaders: ReadonlySet<string> = new Set(
  'accept-encoding connection content-encoding content-length content-type expect host keep-alive proxy-connection te trailer transfer-encoding upgrade user-agent x-cadre-hops'.split(
    ' ',
  ),
)
/** Headers that prove who the caller is: nobody else's business. */
const credentials: ReadonlySet<string> = new Set(
  'api-key authorization cookie proxy-authenticate proxy-authorization set-cookie x-api-key x-goog-api-key'.split(' '),
)

/** A header that may go on from the caller to the agents, in lower case. */
const forwardHeader = z
  .string()
  .transform((text) => text.toLowerCase())
  .superRefine((header, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', message })
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]{1,200}$/.test(header)) {
      refuse(`expected the name of a header, such as x-request-id, got ${JSON.stringify(header.slice(0, 100))}`)
    } else if (credentials.has(header)) {
      refuse(`${header} is the caller's own and is never passed on; leave it out`)
    } else if (ownHeaders.has(header)) {
      refuse(`${header} is about one connection or body, and is written anew for each agent; leave it out`)
    }
  })

/** Where a health probe looks: a path, or a URL of its own. */
const probePath = z.string().superRefine((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isUrl = (url?.protocol === 'http:' || url?.protocol === 'https:') && url.username === '' && url.password === ''
  if (/^\/[!-~]*$/.test(text) || isUrl) return
  context.addIssue({
    code: 'custom',
    message: `expected a path that is added to the endpoint, such as /models, or a URL without a password, got ${shownUrl(text)}`,
  })
})

/** A key that stands in the file itself is refused, and never shown. */
const plainKey = z.string().transform((_, context): never => {
  context.addIssue({
    code: 'custom',
    message: 'a key in plain text; put it into an environment variable and name that: apiKey: { env: NAME }',
  })
  return z.NEVER
})

const apiKey = z.union([
  z.strictObject({ env: z.string().min(1).describe('environment variable that holds it') }),
  plainKey,
])

/** A client's key as a hash: what is wrong with a value is said without showing it. */
const keyHash = z.string().transform((text, context): string => {
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase()
  context.addIssue({
    code: 'custom',
    message: `expected the sha256 of the key, 64 hex digits, got ${text.length} characters of other text; make it with: printf %s "$KEY" | sha256sum`,
  })
  return z.NEVER
})

/** One agent of a team: a model behind an OpenAI-compatible endpoint. */
export const teamAgentSchema = z.strictObject({
  name: name.describe("as the policy's actions are named"),
  endpoint: endpoint.describe(
    'URL of an OpenAI-compatible API, up to what /chat/completions is added to: mostly ending in /v1; or a list of them, one a replica',
  ),
  model: z.string().min(1).optional().describe('what the endpoint calls the model; default: the name'),
  apiKey: apiKey.optional().describe('the key that the endpoint wants, by the environment variable that holds it'),
  timeoutMs: milliseconds
    .default(30_000)
    .describe('until the first token of a streamed answer, or the whole of another'),
  retries: z
    .int()
    .min(0)
    .max(10)
    .default(1)
    .describe('on a broken connection, 408, 409, 425, 429 and 5xx, before the next agent'),
  breaker: z
    .strictObject({
      failures: z.int().min(1).max(1000).default(5).describe('failures in a row that open it'),
      halfOpenAfterMs: milliseconds.default(10_000).describe('until one request tries the agent again'),
    })
    .prefault({})
    .describe('leaves an agent alone that keeps failing'),
  probe: z
    .strictObject({
      path: probePath
        .default('/models')
        .describe('added to the endpoint, or a URL of its own; 2xx is well, of /models JSON is expected'),
      everyMs: milliseconds.default(5000).describe('from one look to the next, which waits for the one before'),
      timeoutMs: milliseconds.default(2000).describe('for a whole answer'),
      down: z.int().min(1).max(1000).default(3).describe('failures in a row until the agent counts as down'),
      up: z.int().min(1).max(1000).default(1).describe('looks in a row that find it well until it counts as up again'),
    })
    .optional()
    .describe('looks whether the agent is up, so that one that is down is not called; default: it is not looked at'),
  concurrency: z
    .int()
    .min(1)
    .max(1000)
    .default(1)
    .describe('queries that it is asked at once, where the team is dispatched; the model of the team knows one'),
  price: z
    .strictObject({
      inputUsdPerMillion: z.number().min(0).describe('USD for a million prompt tokens'),
      outputUsdPerMillion: z.number().min(0).describe('USD for a million completion tokens'),
    })
    .optional()
    .describe('for the costs in the decision log'),
})

/** A team of LLM agents behind one gateway: team.yaml. */
export const teamSchema = z.strictObject({
  name: name.describe('what logs call the team'),
  model: name.default('cadre').describe('the model name under which the policy chooses; agents answer under their own'),
  listen: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('anything but loopback needs keys'),
      port: z.int().min(0).max(65_535).default(8080).describe('0: any free one'),
    })
    .prefault({})
    .describe('where requests come in'),
  policy: z
    .union([
      z.string().min(1),
      z.strictObject({
        use: z.string().min(1),
        agent: z.string().min(1).optional().describe('which one, with always'),
      }),
    ])
    .describe(
      'folder of a policy bundle; or a rule for teams without one: round-robin, random or always; with `dispatch`: optimal (the exact optimum of its settings, solved at the start and whenever they change) or a rule of routing-dispatch, such as margin-with-reserve',
    ),
  dispatch: dispatchSchema
    .optional()
    .describe('agents with queues: queries wait in an inbox and are handed out tick by tick; default: a router'),
  deadlineMs: milliseconds.default(120_000).describe('from the first byte of a request to the last of its answer'),
  agents: z.array(teamAgentSchema).min(1).describe('who answers'),
  forwardHeaders: z
    .array(forwardHeader)
    .max(100)
    .default([])
    .describe("the caller's headers that agents get too, beside traceparent and tracestate, which they always get"),
  keys: z
    .array(
      z.strictObject({
        name: z.string().min(1).describe('what the log calls it'),
        sha256: keyHash.describe('sha256 of the key, 64 hex digits'),
      }),
    )
    .default([])
    .describe('who may call, by the hash of a bearer key; none: whoever reaches the port'),
  limits: z
    .strictObject({
      bodyBytes: z.int().min(1024).max(268_435_456).default(33_554_432).describe('of a request'),
      bodiesBytes: z
        .int()
        .min(1024)
        .max(17_179_869_184)
        .default(268_435_456)
        .describe('of all requests together that are being read or answered; more get 503'),
      promptCharacters: z
        .int()
        .min(1)
        .max(268_435_456)
        .default(32_768)
        .describe('that the policy reads of a prompt; agents get all of it'),
      headerBytes: z.int().min(1024).max(1_048_576).default(16_384).describe('of a request'),
      answerBytes: z.int().min(1024).max(268_435_456).default(16_777_216).describe("of an agent's whole answer"),
      connections: z.int().min(1).max(65_536).default(1024).describe('open at once; more get 503'),
      concurrentRequests: z
        .int()
        .min(1)
        .max(65_536)
        .default(256)
        .describe('in work at once, their bodies read; more get 429'),
      queueMs: milliseconds
        .default(500)
        .describe('for which requests may wait for the gateway itself; while it is further behind, they get 503'),
      requestTimeoutMs: milliseconds.default(10_000).describe('for a client to send its whole request'),
      drainMs: milliseconds.default(10_000).describe('for what is in work to end when the gateway stops'),
    })
    .prefault({})
    .describe('bounds on requests and answers'),
  log: z
    .strictObject({
      file: z.string().min(1).default('./decisions.jsonl').describe('decision log; relative to this file'),
      text: z.boolean().default(false).describe("keep the prompt's text, not only its hash and features"),
    })
    .prefault({})
    .describe('the decision log'),
  exploration: z
    .strictObject({
      epsilon: z.number().min(0).max(1).default(0).describe('chance of a uniform draw instead of the choice'),
      seed: z
        .int()
        .min(0)
        .optional()
        .describe('of the draws, the same after every start; default: another at each, in the log'),
    })
    .prefault({})
    .describe('what lets other policies be judged from the log'),
})

export type TeamAgent = z.infer<typeof teamAgentSchema>
export type Team = z.infer<typeof teamSchema>
