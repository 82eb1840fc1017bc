import { ownValue } from '#env/own-value.js'

const ids = '-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}'
/** W3C Trace Context, section 3.2: version, trace id, parent id, flags; versions after the first may add to it. */
const traceparentForm = new RegExp(`^(00${ids}|(?!00|ff)[0-9a-f]{2}${ids}(-.*)?)$`)

/**
 * The headers of a request that its agents get, too: where it stands in a trace, and those that the team names. A `traceparent` that
 * isn't one, or stands twice, is left out with its `tracestate`, as the standard wants it.
 * @param came - of the request, without a prototype: each header with all its values
 * @param names - in lower case
 * @returns names and values in turns
 */
export function forwardedHeaders(
  came: { readonly [name: string]: readonly string[] | undefined },
  names: readonly string[],
): string[] {
  const valuesOf = (name: string) => ownValue(came, name)?.join(', ')
  const traced = traceparentForm.test(valuesOf('traceparent') ?? '')
  const tracing = ['traceparent', 'tracestate']
  const wanted = [...(traced ? tracing : []), ...names.filter((name) => !tracing.includes(name))]
  return wanted.flatMap((name) => {
    const value = valuesOf(name)
    return value === undefined ? [] : [name, value]
  })
}
