import { type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici'
import { isLoopback } from '../team/loopback.js'

/** Proxies for calls to endpoints, as HTTP_PROXY, HTTPS_PROXY and NO_PROXY name them. */
export interface Proxies {
  /** For endpoints with http:// and with https://; null: none. */
  readonly http: string | null
  readonly https: string | null
  /** Hosts that are called without one, separated by commas; `*` for all. */
  readonly except: string
}

export const noProxies: Proxies = { http: null, https: null, except: '' }

/** A variable that names no proxy. */
export interface ProxyProblem {
  /** As it was found. */
  readonly variable: string
  readonly message: string
}

/**
 * The proxies that environment variables name, each in lower case before upper case, as other programs read them.
 * @returns them, and what is wrong: a URL that may hold a password isn't shown
 */
export function readProxies(read: (variable: string) => string | undefined): {
  readonly proxies: Proxies
  readonly problems: readonly ProxyProblem[]
} {
  const problems: ProxyProblem[] = []
  const either = (name: string) => [name, name.toUpperCase()].find((variable) => read(variable) !== undefined)
  const proxy = (name: string): string | null => {
    const variable = either(name)
    const value = variable === undefined ? '' : read(variable)!.trim()
    if (variable === undefined || value === '') return null
    const text = value.includes('://') ? value : `http://${value}`
    const url = URL.canParse(text) ? new URL(text) : null
    if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && url.pathname === '/') return url.href
    const message = `the environment variable ${variable} names no proxy; expected http://HOST:PORT, or unset it`
    problems.push({ variable, message })
    return null
  }
  const [http, https] = [proxy('http_proxy'), proxy('https_proxy')]
  const exceptions = (read(either('no_proxy') ?? '') ?? '').split(/[,\s]+/)
  const except = exceptions.includes('*') ? '*' : exceptions.filter((host) => host !== '').join(',')
  return { proxies: { http, https, except }, problems }
}

/**
 * Connections to an endpoint that stay open: its own, or through the proxy for it. Endpoints on this machine have none: no proxy
 * reaches them.
 * @param connectMs - for a connection to be made
 */
export function upstreamConnections(
  { origin, protocol, hostname }: URL,
  { http, https, except }: Proxies,
  connectMs: number,
): Dispatcher {
  const connect = { timeout: connectMs }
  // How long an answer may take is counted elsewhere.
  const limits = { headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 30_000 }
  const proxy = protocol === 'https:' ? https : http
  if (proxy === null || isLoopback(hostname)) return new Pool(origin, { connect, ...limits })
  return new EnvHttpProxyAgent({
    httpProxy: proxy,
    httpsProxy: proxy,
    noProxy: except,
    // Plain http is asked of the proxy itself: many let nobody through to port 80.
    proxyTunnel: false,
    connect,
    proxyTls: connect,
    requestTls: connect,
    factory: (host, options) => new Pool(host, { ...options, ...limits }),
    clientFactory: (host, options) => new ProxyConnections(host, options),
  } as EnvHttpProxyAgent.Options)
}

/**
 * Connections to a proxy. Where it hangs up on one that asks for a tunnel, undici would try again at once and for ever: it takes
 * that for the end of a connection that worked.
 */
class ProxyConnections extends Pool {
  override connect(options: Dispatcher.ConnectOptions): Promise<Dispatcher.ConnectData>
  override connect(...parts: Parameters<Pool['connect']>): void
  override connect(
    options: Dispatcher.ConnectOptions,
    ...parts: unknown[]
  ): Promise<Dispatcher.ConnectData> | undefined {
    if (parts.length > 0) throw new TypeError('ProxyConnections: give no callback')
    return super.connect(options).catch((cause: Error) => {
      throw new Error(`no tunnel through the proxy: ${cause.message}`, { cause })
    })
  }
}
