/** The same keys with other values. */
export function mapValues<T, U>(record: { readonly [key: string]: T }, f: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]))
}
