import { NonFiniteError, ShapeError } from '#env/errors.js'

/**
 * Checks columns that describe the same n rows.
 * @throws ShapeError when n is 0 or a column has another length
 * @throws NonFiniteError when a value is NaN or infinite
 */
export function checkRows(where: string, n: number, columns: { readonly [name: string]: ArrayLike<number> }): void {
  if (!(n > 0)) throw new ShapeError(`${where}: expected at least one row, got none`)
  for (const [name, values] of Object.entries(columns)) {
    if (values.length !== n) {
      throw new ShapeError(`${where}: expected ${n} values of "${name}", got ${values.length}; pass one for each row`)
    }
    for (let i = 0; i < n; i++) {
      if (!Number.isFinite(values[i])) {
        throw new NonFiniteError(
          `${where}: expected finite "${name}", got ${values[i]} at ${i}; drop or fill such rows`,
        )
      }
    }
  }
}
