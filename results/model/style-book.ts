import { type ColourName, DASHES, MARKERS, SERIES_COLOURS } from '../page/palette.js'
import type { RunData } from '../store/run-data.js'
import type { Style } from './figure-model.js'

/**
 * Who has which colour on a page: one hue a key, in the order in which keys come, and none twice. Keys beyond the hues are
 * grey, told apart by dash and marker.
 */
export class StyleBook {
  readonly #keys: readonly string[]
  readonly #greys: string[] = []

  constructor(keys: readonly string[]) {
    this.#keys = [...new Set(keys)]
  }

  /** The colour of a key. */
  colour(key: string): ColourName {
    return SERIES_COLOURS[this.#keys.indexOf(key)] ?? 'muted'
  }

  /**
   * @param variant - which setting of the key: the first is solid
   */
  style(key: string, variant: number): Style {
    const colour = this.colour(key)
    const place = colour === 'muted' ? this.#grey(`${key}/${variant}`) : variant
    return {
      colour,
      dash: DASHES[place % DASHES.length]!,
      marker: MARKERS[place % MARKERS.length]!,
      marked: colour === 'muted' || place >= DASHES.length,
    }
  }

  #grey(key: string): number {
    if (!this.#greys.includes(key)) this.#greys.push(key)
    return this.#greys.indexOf(key)
  }
}

/** The colours of a page: algorithms as manifests name them, then routing baselines, then the choices of policies. */
export function styleBook(runs: readonly RunData[]): StyleBook {
  return new StyleBook([
    ...runs.flatMap(({ manifest }) => Object.values(manifest.algorithms).map(({ name }) => algorithmKey(name))),
    ...runs.flatMap(({ routing }) =>
      Object.values(routing?.environments ?? {}).flatMap(({ baselines }) => Object.keys(baselines).map(policyKey)),
    ),
    ...runs.flatMap(({ trials }) =>
      trials.flatMap(({ policyView }) =>
        // Moves are drawn as arrows.
        policyView === null || policyView.panels.some(({ value }) => value !== undefined)
          ? []
          : policyView.legend.map(choiceKey),
      ),
    ),
  ])
}

/** By what an algorithm is, not by the label of its settings. */
export function algorithmKey(name: string): string {
  return `algorithm/${name}`
}

export function policyKey(name: string): string {
  return `policy/${name}`
}

export function choiceKey(choice: string): string {
  return `choice/${choice}`
}
