/** What a client is told when a request can't be answered, in the form of the OpenAI API. */
export interface ErrorBody {
  readonly error: {
    readonly message: string
    readonly type: string
    readonly param: string | null
    readonly code: string | null
  }
}

export interface ApiErrorDetails {
  readonly code: string
  /** The field of the request that is wrong. */
  readonly param?: string | null
  /** Default: by status. */
  readonly type?: string
  readonly headers?: { readonly [name: string]: string }
}

/** An error response on its way to the client. Never leaves this room. */
export class ApiError extends Error {
  readonly status: number
  readonly body: ErrorBody
  readonly headers: { readonly [name: string]: string }

  constructor(status: number, message: string, details: ApiErrorDetails) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    const { code, param = null, type = typeOf(status), headers = {} } = details
    this.body = { error: { message, type, param, code } }
    this.headers = headers
  }

  response(headers: { readonly [name: string]: string } = {}): Response {
    return new Response(JSON.stringify(this.body), {
      status: this.status,
      headers: { 'content-type': 'application/json', ...this.headers, ...headers },
    })
  }
}

/** Seconds, rounded up, as Retry-After wants them. */
export function retryAfter(ms: number): { readonly 'retry-after': string } {
  return { 'retry-after': String(Math.max(1, Math.ceil(ms / 1000))) }
}

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error'
  if (status === 429) return 'rate_limit_error'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}
