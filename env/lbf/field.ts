import { StateError } from '../errors.js'
import type { Rng } from '../rng.js'
import type { LbfConfig } from './config.js'
import type { Thing } from './trace.js'

/** Tries to find room for food before an episode starts with less. */
const MOST_TRIES = 1000

const BORDER = -1

/** How many of the lowest levels food can ask for together. */
const LIFTERS = 3

/**
 * Agents and food on a grid with a border of one cell around it, so that no move needs to be checked against the edge.
 * A cell is numbered (row + 1) * width + column + 1.
 */
export class Field {
  /** Cells of a row, border included. */
  readonly width: number
  /** i32 [width^2]: level of the food there, 0 where there is none, -1 on the border. */
  readonly cells: Int32Array
  /** i32 [width^2], of a cell. */
  readonly rowOf: Int32Array
  readonly colOf: Int32Array
  /** i32 [N], cells. */
  readonly position: Int32Array
  /** i32 [N] */
  readonly level: Int32Array
  /** i32 [F], cells of the food that is left, ascending, which is row by row. */
  readonly food: Int32Array
  /** Entries of `food` that count. */
  foodLeft = 0
  /** Sum of the levels of all food at the start of the episode. */
  spawnedLevels = 0
  readonly #config: LbfConfig

  constructor(config: LbfConfig) {
    const { gridSize, numAgents, numFood } = config
    this.#config = config
    this.width = gridSize + 2
    const size = this.width * this.width
    this.rowOf = Int32Array.from({ length: size }, (_, cell) => Math.floor(cell / this.width) - 1)
    this.colOf = Int32Array.from({ length: size }, (_, cell) => (cell % this.width) - 1)
    const inside = (index: number) => index >= 0 && index < gridSize
    this.cells = Int32Array.from({ length: size }, (_, cell) =>
      inside(this.rowOf[cell]!) && inside(this.colOf[cell]!) ? 0 : BORDER,
    )
    this.position = new Int32Array(numAgents)
    this.level = new Int32Array(numAgents)
    this.food = new Int32Array(numFood)
  }

  /** A new start: agents first, each with its place and then its level; then food. */
  draw(rng: Rng): void {
    const { gridSize, minAgentLevel, maxAgentLevel } = this.#config
    this.#clear()
    for (let i = 0; i < this.position.length; i++) {
      let cell: number
      do {
        cell = this.#cell(rng.integer(gridSize), rng.integer(gridSize))
      } while (this.#isOccupied(cell, i))
      this.position[i] = cell
      this.level[i] = minAgentLevel + rng.integer(maxAgentLevel - minAgentLevel + 1)
    }
    this.#drawFood(rng)
  }

  /**
   * A given start.
   * @throws StateError where it doesn't fit the settings
   */
  place(agents: readonly Thing[], food: readonly Thing[], where: string): void {
    const { gridSize, numAgents, numFood } = this.#config
    const refuse = (message: string): never => {
      throw new StateError(`${where}: ${message}`)
    }
    if (agents.length !== numAgents) refuse(`expected ${numAgents} agents, got ${agents.length}; see numAgents`)
    if (food.length > numFood) refuse(`expected at most ${numFood} items of food, got ${food.length}; see numFood`)
    const taken = new Set<number>()
    agents.forEach(({ row, col }, i) => {
      if (row >= gridSize || col >= gridSize) {
        refuse(`agents.${i}: row ${row}, column ${col} lies outside a ${gridSize} x ${gridSize} grid`)
      }
      taken.add(this.#cell(row, col))
    })
    food.forEach(({ row, col }, k) => {
      const last = gridSize - 2
      if (row < 1 || row > last || col < 1 || col > last) {
        refuse(`food.${k}: row ${row}, column ${col}, expected both in 1..${last}; food never lies at the edge`)
      }
      const cell = this.#cell(row, col)
      if (taken.has(cell)) refuse(`food.${k}: row ${row}, column ${col} is taken; move one away`)
      taken.add(cell)
    })
    this.#clear()
    agents.forEach(({ row, col, level }, i) => {
      this.position[i] = this.#cell(row, col)
      this.level[i] = level
    })
    for (const { row, col, level } of food) this.#addFood(this.#cell(row, col), level)
  }

  /** The cell of the food beside a cell (north first, then south, west, east), or 0 where there is none. */
  foodBeside(cell: number): number {
    const { cells, width } = this
    if (cells[cell - width]! > 0) return cell - width
    if (cells[cell + width]! > 0) return cell + width
    if (cells[cell - 1]! > 0) return cell - 1
    return cells[cell + 1]! > 0 ? cell + 1 : 0
  }

  takeFood(cell: number): void {
    const { food } = this
    this.cells[cell] = 0
    let k = 0
    while (food[k] !== cell) k++
    this.foodLeft--
    for (; k < this.foodLeft; k++) food[k] = food[k + 1]!
  }

  /** Agents in their order, and the food that is left, row by row. */
  things(): { agents: Thing[]; food: Thing[] } {
    const thing = (cell: number, level: number) => ({ row: this.rowOf[cell]!, col: this.colOf[cell]!, level })
    return {
      agents: Array.from(this.position, (cell, i) => thing(cell, this.level[i]!)),
      food: Array.from(this.food.subarray(0, this.foodLeft), (cell) => thing(cell, this.cells[cell]!)),
    }
  }

  /** Food anywhere but at the edge, with distance between, at most `MOST_TRIES` tries for all of it. */
  #drawFood(rng: Rng): void {
    const { gridSize, numFood, cooperative } = this.#config
    const highest = this.#lowestLevels()
    for (let tries = 0; tries < MOST_TRIES && this.foodLeft < numFood; tries++) {
      const row = 1 + rng.integer(gridSize - 2)
      const col = 1 + rng.integer(gridSize - 2)
      const cell = this.#cell(row, col)
      if (this.#isNearFood(row, col) || this.#isOccupied(cell, this.position.length)) continue
      this.#addFood(cell, cooperative || highest === 1 ? highest : 1 + rng.integer(highest))
    }
  }

  /** Whether food lies among the eight neighbours, or two cells away in the same row or column, or right there. */
  #isNearFood(row: number, col: number): boolean {
    for (let k = 0; k < this.foodLeft; k++) {
      const rows = Math.abs(this.rowOf[this.food[k]!]! - row)
      const cols = Math.abs(this.colOf[this.food[k]!]! - col)
      if ((rows <= 1 && cols <= 1) || (rows === 0 && cols <= 2) || (cols === 0 && rows <= 2)) return true
    }
    return false
  }

  /** Whether one of the first `count` agents stands there. */
  #isOccupied(cell: number, count: number): boolean {
    for (let i = 0; i < count; i++) if (this.position[i] === cell) return true
    return false
  }

  /** The sum of the three lowest levels of agents; of all, where there are fewer. */
  #lowestLevels(): number {
    const { level } = this
    let sum = 0
    for (let i = 0; i < level.length; i++) {
      let lower = 0
      for (let j = 0; j < level.length; j++) {
        if (level[j]! < level[i]! || (level[j] === level[i] && j < i)) lower++
      }
      if (lower < LIFTERS) sum += level[i]!
    }
    return sum
  }

  #addFood(cell: number, level: number): void {
    const { food } = this
    let k = this.foodLeft++
    for (; k > 0 && food[k - 1]! > cell; k--) food[k] = food[k - 1]!
    food[k] = cell
    this.cells[cell] = level
    this.spawnedLevels += level
  }

  #clear(): void {
    for (let k = 0; k < this.foodLeft; k++) this.cells[this.food[k]!] = 0
    this.foodLeft = 0
    this.spawnedLevels = 0
  }

  #cell(row: number, col: number): number {
    return (row + 1) * this.width + col + 1
  }
}
