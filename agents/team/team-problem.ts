/** Something wrong with a team that its schema can't tell. */
export interface TeamProblem {
  /** Keys and list positions from the root of team.yaml. */
  readonly path: readonly (string | number)[]
  readonly message: string
}
