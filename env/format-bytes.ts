const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** A size as `1.23 MB`: three significant digits, units of 1000. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  // Rounded first: 999,600 bytes have three digits in MB.
  while (unit < UNITS.length - 1 && Number(value.toPrecision(3)) >= 1000) {
    value /= 1000
    unit++
  }
  if (unit === 0) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`
  return `${value >= 999.5 ? Math.round(value) : value.toPrecision(3)} ${UNITS[unit]}`
}
