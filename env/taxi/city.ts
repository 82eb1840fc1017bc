/** The city of the taxi problem: 5 x 5 cells, four depots, walls between some neighbours. */

export const CITY_SIZE = 5

/** A depot where passengers wait and want to go, with its cell row * 5 + column. */
export interface Depot {
  readonly name: string
  readonly cell: number
}

/** In the order in which passengers' places and destinations are numbered. */
export const depots: readonly Depot[] = [
  { name: 'red', cell: 0 },
  { name: 'green', cell: 4 },
  { name: 'yellow', cell: 20 },
  { name: 'blue', cell: 23 },
]

/** Place of a passenger in the taxi; the others are depots. */
export const IN_TAXI = 4

/** Cells with a wall on their east side. */
export const walledEast = new Set([1, 6, 15, 17, 20, 22])

/** Moves of rows and columns by action: south, north, east, west. */
export const headings = [
  { label: 'south', rows: 1, columns: 0 },
  { label: 'north', rows: -1, columns: 0 },
  { label: 'east', rows: 0, columns: 1 },
  { label: 'west', rows: 0, columns: -1 },
] as const

/** Headings at right angles to each heading: to its left, to its right. */
export const sideways = [
  [2, 3],
  [3, 2],
  [1, 0],
  [0, 1],
] as const

/** The cell a heading leads to: the same one where the edge or a wall is in the way. */
export function neighbour(cell: number, heading: number): number {
  const { rows, columns } = headings[heading]!
  const row = Math.floor(cell / CITY_SIZE) + rows
  const column = (cell % CITY_SIZE) + columns
  if (row < 0 || row >= CITY_SIZE || column < 0 || column >= CITY_SIZE) return cell
  if (columns !== 0 && walledEast.has(columns > 0 ? cell : cell - 1)) return cell
  return row * CITY_SIZE + column
}

/** The number of a state: ((row * 5 + column) * 5 + passenger) * 4 + destination. */
export function taxiState(cell: number, passenger: number, destination: number): number {
  return (cell * (depots.length + 1) + passenger) * depots.length + destination
}
