import { templates } from './templates.js'

/** Numbers features 0, 1, 2, ... in the order in which they are added. A feature is a template, by number, and a value. */
export class FeatureIndex {
  readonly #values: readonly Map<string, number>[] = templates.map(() => new Map())
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The feature's number, or -1. */
  find(template: number, value: string): number {
    return this.#values[template]!.get(value) ?? -1
  }

  /** The feature's number, new or not. */
  add(template: number, value: string): number {
    const values = this.#values[template]!
    let feature = values.get(value)
    if (feature === undefined) {
      feature = this.#size++
      values.set(value, feature)
    }
    return feature
  }

  /** All features in the order of their numbers. */
  list(): { readonly template: number; readonly value: string }[] {
    const all = new Array<{ template: number; value: string }>(this.#size)
    this.#values.forEach((values, template) => {
      for (const [value, feature] of values) all[feature] = { template, value }
    })
    return all
  }

  /**
   * Only the features that `keep` says, numbered anew in the same order.
   * @returns the new index, and i32 [size], the new number of each or -1
   */
  select(keep: (feature: number) => boolean): { index: FeatureIndex; renumbered: Int32Array } {
    const index = new FeatureIndex()
    const renumbered = new Int32Array(this.#size).fill(-1)
    this.list().forEach(({ template, value }, feature) => {
      if (keep(feature)) renumbered[feature] = index.add(template, value)
    })
    return { index, renumbered }
  }
}

/** `suffix3=ing`, as people read it. */
export function featureName(template: number, value: string): string {
  return value === '' ? templates[template]! : `${templates[template]!}=${value}`
}
