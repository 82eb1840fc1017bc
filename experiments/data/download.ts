import { setTimeout as pause } from 'node:timers/promises'
import { StorageError } from '#env/errors.js'
import type { Published } from './data-set.js'
import { collectVerified } from './verified-content.js'

export interface DownloadOptions {
  /** How long the other side may stay silent. */
  readonly idleTimeoutMs?: number
  /** Tries in all, where the failure may pass: no answer, a broken connection, 429 or 5xx. */
  readonly attempts?: number
  /** Wait before the second try; doubled before each further one. */
  readonly pauseMs?: number
  /** Stops everything. */
  readonly signal?: AbortSignal
}

/** A failure that may pass. */
class PassingFailure extends Error {}

/**
 * Downloads a published file by HTTP or HTTPS into memory and checks it.
 * @throws StorageError saying what the other side did; the signal's reason when stopped
 */
export async function download(url: string, published: Published, options: DownloadOptions = {}): Promise<Uint8Array> {
  const { attempts = 4, pauseMs = 500, signal } = options
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryDownload(url, published, options)
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof PassingFailure)) throw error
      if (attempt >= attempts) {
        throw new StorageError(`${url}: ${error.message}, ${attempt} times; try again later, or use --from DIR`, {
          cause: error.cause,
        })
      }
      await pause(pauseMs * 2 ** (attempt - 1), undefined, signal === undefined ? {} : { signal })
    }
  }
}

async function tryDownload(
  url: string,
  published: Published,
  { idleTimeoutMs = 30_000, signal }: DownloadOptions,
): Promise<Uint8Array> {
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(), idleTimeoutMs)
  try {
    const signals = signal === undefined ? [silence.signal] : [signal, silence.signal]
    const response = await fetch(url, { signal: AbortSignal.any(signals) })
    if (response.status !== 200) {
      await response.body?.cancel()
      const message = `answered ${response.status}`
      if (response.status === 429 || response.status >= 500) throw new PassingFailure(message)
      throw new StorageError(`${url}: ${message}; expected the published file, use --from DIR where you have it`)
    }
    return await collectVerified(heard(response, timer), published, url)
  } catch (error) {
    if (error instanceof StorageError || error instanceof PassingFailure) throw error
    if (silence.signal.aborted) throw new PassingFailure(`no byte for ${idleTimeoutMs / 1000} s`, { cause: error })
    const { message, cause } = error as Error
    throw new PassingFailure(cause instanceof Error ? cause.message || message : message, { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

/** A response's bytes; each chunk sets the timer back. */
async function* heard(response: Response, timer: NodeJS.Timeout): AsyncGenerator<Uint8Array> {
  for await (const chunk of response.body ?? []) {
    timer.refresh()
    yield chunk
  }
}
