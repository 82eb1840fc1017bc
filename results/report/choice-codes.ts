/**
 * A short code for each choice that keeps them apart without colour: its number where it ends in one ("agent 2"), else
 * its initials; the place in the legend where two would be equal.
 */
export function choiceCodes(legend: readonly string[]): Map<string, string> {
  const codes = legend.map((choice) => {
    if (choice.length <= 2) return choice
    const number = choice.match(/(\d+)$/)?.[1]
    return (
      number ??
      choice
        .split(/[\s_-]+/)
        .map((word) => word.charAt(0))
        .join('')
        .slice(0, 3)
    )
  })
  const unique = new Set(codes).size === codes.length
  return new Map(legend.map((choice, i) => [choice, unique ? codes[i]! : String(i + 1)]))
}
