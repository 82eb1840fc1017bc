import { z } from 'zod'
import { BundleError } from '#env/errors.js'
import { type DType, dtypeBytes, sizeOf } from './dtype.js'

/** Where a tensor lies: bytes [from, to) after the header. */
export interface TensorEntry {
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly from: number
  readonly to: number
}

const entrySchema = z.strictObject({
  dtype: z.enum(['F32', 'F64', 'I32', 'U8']),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
})
const metadataSchema = z.record(z.string(), z.string())

/**
 * Reads and checks a header: every byte of the data belongs to exactly one tensor, whose size is that of its shape.
 * @throws BundleError naming what is wrong
 */
export function parseSafetensorsHeader(bytes: Uint8Array): {
  entries: TensorEntry[]
  metadata: { readonly [key: string]: string }
  dataStart: number
} {
  if (bytes.length < 8) throw new BundleError(`safetensors: expected at least 8 bytes, got ${bytes.length}; truncated?`)
  const declared = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)
  if (declared > BigInt(bytes.length - 8)) {
    throw new BundleError(
      `safetensors: a header of ${declared} bytes in a file of ${bytes.length}; truncated or altered`,
    )
  }
  const dataStart = 8 + Number(declared)
  const { __metadata__: metadata = {}, ...rest } = parseJson(bytes.subarray(8, dataStart))
  const checked = metadataSchema.safeParse(metadata)
  if (!checked.success) throw new BundleError('safetensors: expected text in __metadata__; the file is altered')
  const entries = Object.entries(rest).map(([name, entry]) => parseEntry(name, entry))
  checkCoverage(entries, bytes.length - dataStart)
  return { entries, metadata: checked.data, dataStart }
}

function parseJson(bytes: Uint8Array): { readonly [key: string]: unknown } {
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new BundleError(`safetensors: the header isn't JSON (${(cause as Error).message})`, { cause })
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new BundleError('safetensors: expected an object as header; the file is altered')
  }
  return header as { readonly [key: string]: unknown }
}

function parseEntry(name: string, entry: unknown): TensorEntry {
  const parsed = entrySchema.safeParse(entry)
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!
    throw new BundleError(`safetensors: tensor "${name}": ${path.join('.')}: ${message}`)
  }
  const { dtype, shape, data_offsets: offsets } = parsed.data
  const [from, to] = offsets
  if (to - from !== sizeOf(shape) * dtypeBytes[dtype]) {
    throw new BundleError(
      `safetensors: tensor "${name}": ${dtype} [${shape.join(', ')}] needs ${sizeOf(shape) * dtypeBytes[dtype]} bytes, got [${from}, ${to})`,
    )
  }
  return { name, dtype, shape, from, to }
}

/** Tensors must tile the data: no gap, no overlap, nothing beyond the end, nothing left over. */
function checkCoverage(entries: readonly TensorEntry[], dataLength: number): void {
  let end = 0
  for (const { name, from, to } of [...entries].sort((x, y) => x.from - y.from || x.to - y.to)) {
    if (from !== end) {
      throw new BundleError(
        `safetensors: tensor "${name}" begins at byte ${from}, expected ${end}: tensors overlap or leave a gap`,
      )
    }
    end = to
  }
  if (end !== dataLength) {
    throw new BundleError(`safetensors: tensors take ${end} bytes, the file holds ${dataLength}; truncated or altered`)
  }
}
