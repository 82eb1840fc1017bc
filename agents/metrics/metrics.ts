import { SpaceError } from '#env/errors.js'

/** Counts up. */
export interface Counter {
  /** @param labels - a value for each of its labels */
  add(by: number, ...labels: readonly string[]): void
}

/** How often values lay in which range. */
export interface Histogram {
  observe(value: number, ...labels: readonly string[]): void
}

/** A value as it is now, with a value for each label. */
export type Reading = readonly [value: number, ...labels: readonly string[]]

interface Family {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  /** Its lines, without those of help and type. */
  samples(): string[]
}

/**
 * Numbers for whoever watches, in the text format of Prometheus (version 0.0.4). Names and labels are fixed when a metric is made;
 * label values must come from small sets: agents, reasons, states.
 */
export class Metrics {
  readonly #families = new Map<string, Family>()

  /** @throws SpaceError for a name that is taken or is none */
  counter(name: string, help: string, labels: readonly string[] = []): Counter {
    const values = new Map<string, number>()
    this.#add({
      ...{ name, type: 'counter', help },
      samples: () => [...values].map(([key, value]) => `${name}${key} ${shown(value)}`),
    })
    if (labels.length === 0) values.set('', 0)
    return {
      add: (by, ...given) => {
        const key = labelled(name, labels, given)
        values.set(key, (values.get(key) ?? 0) + by)
      },
    }
  }

  /**
   * Values that are read when somebody looks.
   * @param type - counter for what only grows
   * @throws SpaceError for a name that is taken or is none
   */
  read(
    name: string,
    help: string,
    labels: readonly string[],
    read: () => Iterable<Reading>,
    type: 'gauge' | 'counter' = 'gauge',
  ): void {
    this.#add({
      ...{ name, type, help },
      samples: () => [...read()].map(([value, ...given]) => `${name}${labelled(name, labels, given)} ${shown(value)}`),
    })
  }

  /**
   * @param bounds - upper ends of the ranges, rising; one without end is added
   * @throws SpaceError for a name that is taken or is none
   */
  histogram(name: string, help: string, bounds: readonly number[], labels: readonly string[] = []): Histogram {
    const series = new Map<string, { readonly labels: readonly string[]; readonly counts: Float64Array; sum: number }>()
    this.#add({
      ...{ name, type: 'histogram', help },
      samples: () =>
        [...series].flatMap(([key, { labels: given, counts, sum }]) => {
          let below = 0
          const lines = [...bounds, Number.POSITIVE_INFINITY].map((bound, k) => {
            below += counts[k]!
            const all = labelled(name, [...labels, 'le'], [...given, shown(bound)])
            return `${name}_bucket${all} ${below}`
          })
          return [...lines, `${name}_sum${key} ${shown(sum)}`, `${name}_count${key} ${below}`]
        }),
    })
    return {
      observe: (value, ...given) => {
        const key = labelled(name, labels, given)
        const known = series.get(key)
        const one = known ?? { labels: given, counts: new Float64Array(bounds.length + 1), sum: 0 }
        if (known === undefined) series.set(key, one)
        const place = bounds.findIndex((bound) => value <= bound)
        one.counts[place < 0 ? bounds.length : place]!++
        one.sum += value
      },
    }
  }

  /** The page. */
  render(): string {
    const families = [...this.#families.values()].map((family) => {
      const { name, type, help } = family
      const head = [`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`, `# TYPE ${name} ${type}`]
      return [...head, ...family.samples()].join('\n')
    })
    return `${families.join('\n')}\n`
  }

  #add(family: Family): void {
    const { name } = family
    if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name)) {
      throw new SpaceError(`Metrics: expected a name of letters, digits and _, got ${JSON.stringify(name)}`)
    }
    if (this.#families.has(name)) throw new SpaceError(`Metrics: there is a ${name} already; choose another name`)
    this.#families.set(name, family)
  }
}

/** What Prometheus is told that the page is. */
export const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

function labelled(name: string, labels: readonly string[], values: readonly string[]): string {
  if (labels.length !== values.length) {
    throw new SpaceError(`Metrics: ${name} has the labels (${labels.join(', ')}), got ${values.length} values`)
  }
  if (labels.length === 0) return ''
  const quoted = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  return `{${labels.map((label, i) => `${label}="${quoted(values[i]!)}"`).join(',')}}`
}

function shown(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return String(value)
  return value > 0 ? '+Inf' : '-Inf'
}
