import { CsvReader } from '#env/outcomes/csv-reader.js'
import { csvLine } from '#env/outcomes/write-outcomes.js'
import { mmluSubjects } from './mmlu-subjects.js'

/**
 * The 57 files of MMLU as one table with a first column `domain`, the subject: RFC 4180, lines end in CRLF, quotes only
 * where needed.
 * @param contents - CSV, one file a subject, in the order of `mmluSubjects`; all have the same header
 */
export function joinMmlu(contents: readonly Uint8Array[]): Uint8Array {
  const lines: string[] = []
  for (const [i, content] of contents.entries()) {
    let header = true
    const reader = new CsvReader({
      record({ fields }) {
        if (!header) lines.push(csvLine([mmluSubjects[i]!, ...fields]))
        else if (lines.length === 0) lines.push(csvLine(['domain', ...fields]))
        header = false
      },
      // What comes out wrong is found by the checksum of the whole.
      problem: () => undefined,
    })
    reader.push(new TextDecoder().decode(content))
    reader.end()
  }
  return new TextEncoder().encode(lines.join(''))
}
