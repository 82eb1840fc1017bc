/** A drawing of a policy: tables of states, each cell showing what the team does there. */
export interface PolicyView {
  readonly title: string
  readonly panels: readonly PolicyViewPanel[]
  /** All choices that `describe` can give, in the order of a legend. */
  readonly legend: readonly string[]
  /** Names a joint action, [N]. */
  describe(jointAction: Int32Array): string
}

/** One table; `states[y][x]` is a state number, or -1 for an empty cell. With `places` it is a map, whose values are drawn too. */
export interface PolicyViewPanel {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly x: readonly string[]
  readonly y: readonly string[]
  readonly states: readonly (readonly number[])[]
  /** [y][x], what a cell is besides free ground, such as hole or goal; null = nothing. */
  readonly places?: readonly (readonly (string | null)[])[]
  /** Cells [y, x] with a wall on their right. */
  readonly walls?: readonly (readonly [y: number, x: number])[]
}
