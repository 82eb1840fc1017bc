/** The header with the gateways that a request has come through, oldest first. Each that sends a request on adds itself. */
export const hopsHeader = 'x-cadre-hops'

const hop = /^[\w-]{1,64}$/

/** The gateways in a request's headers; what no gateway would write is left out. @param values - of the header */
export function readHops(values: readonly string[] | undefined): string[] {
  return (values ?? [])
    .flatMap((value) => value.split(','))
    .map((one) => one.trim())
    .filter((one) => hop.test(one))
}

/** The header for whoever is asked next: name and value in turns, none where no gateway stands before. */
export function hopsHeaders(hops: readonly string[] | undefined): string[] {
  return hops === undefined || hops.length === 0 ? [] : [hopsHeader, hops.join(', ')]
}
