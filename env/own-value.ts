/** What a record holds under a name that data gave: never what every object inherits, such as `constructor`. */
export function ownValue<T>(record: { readonly [name: string]: T } | undefined | null, name: string): T | undefined {
  return record !== undefined && record !== null && Object.hasOwn(record, name) ? record[name] : undefined
}
