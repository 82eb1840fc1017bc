/**
 * Time of all calls of a query, in the order of the models whatever the order of the calls: sums of f64 differ in the last bit by
 * order, and an episode that is gone on with from a saved state knows only who was called.
 * @param latencyMs - f64 [Q * M]
 * @param digits - u8 [M], see `ProgressCodes`
 * @param calling - a model that is being called besides, or any number beyond them for none
 */
export function waitedMs(latencyMs: Float64Array, query: number, digits: Uint8Array, calling: number): number {
  const numModels = digits.length
  let sum = 0
  for (let m = 0; m < numModels; m++) if (digits[m]! > 0 || m === calling) sum += latencyMs[query * numModels + m]!
  return sum
}
