import type { PolicyView } from '../registry.js'

/** A drawing of what a single agent does in each cell of a grid. */
export function gridPolicyView(
  rows: number,
  columns: number,
  actionLabels: readonly string[],
  isDrawn: (cell: number) => boolean,
): PolicyView {
  const numbers = (length: number) => Array.from({ length }, (_, i) => i)
  return {
    title: 'Where the agent moves',
    panels: [
      {
        title: 'grid',
        xLabel: 'column',
        yLabel: 'row',
        x: numbers(columns).map(String),
        y: numbers(rows).map(String),
        states: numbers(rows).map((row) =>
          numbers(columns).map((column) => (isDrawn(row * columns + column) ? row * columns + column : -1)),
        ),
      },
    ],
    legend: actionLabels,
    describe: (jointAction) => actionLabels[jointAction[0]!]!,
  }
}
