/** See stub-endpoint.mjs. */
export interface StubEndpoint {
  /** What it does from now on. */
  behaviour: string
  /** Whether it lists its models, as a health probe asks it to. */
  isWell: boolean
  /** What it says with the behaviour `says`: one text, or several in turns. */
  says: string | string[]
  /** How long it takes for each request with the behaviour `queue`, one after the other. */
  serviceMs: number
  readonly port: number
  readonly endpoint: string
  readonly requests: number
  /** Requests that were given up before their answer was whole. */
  readonly aborted: number
  /** The last request's body. */
  readonly last: Record<string, unknown> | null
  /** The same as it came. */
  readonly text: string | null
  readonly authorization: string | null
  /** Of the last request, each with all its values. */
  readonly headers: { readonly [name: string]: readonly string[] | undefined }
  close(): Promise<void>
}

export function startStub(behaviour?: string, port?: number): Promise<StubEndpoint>
