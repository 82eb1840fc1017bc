import type { PolicyView } from '../policy-view.js'

/**
 * A drawing of what a single agent does in each cell of a grid.
 * @param isDrawn - whether the agent can stand in a cell and act there
 * @param placeOf - what a cell is besides free ground; null = nothing
 */
export function gridPolicyView(
  rows: number,
  columns: number,
  actionLabels: readonly string[],
  isDrawn: (cell: number) => boolean,
  placeOf: (cell: number) => string | null,
): PolicyView {
  const numbers = (length: number) => Array.from({ length }, (_, i) => i)
  const cells = <T>(of: (cell: number) => T) =>
    numbers(rows).map((row) => numbers(columns).map((column) => of(row * columns + column)))
  return {
    title: 'Where the agent moves',
    panels: [
      {
        title: 'grid',
        xLabel: 'column',
        yLabel: 'row',
        x: numbers(columns).map(String),
        y: numbers(rows).map(String),
        states: cells((cell) => (isDrawn(cell) ? cell : -1)),
        places: cells(placeOf),
      },
    ],
    legend: actionLabels,
    describe: (jointAction) => actionLabels[jointAction[0]!]!,
  }
}
