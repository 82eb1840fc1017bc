/**
 * The safetensors file format, in memory: 8 bytes little-endian header length, a JSON header, the tensors' bytes. Tensors
 * are f32, f64, i32 and u8, in C order, little-endian (as every machine that Node runs on here).
 */
import { BundleError } from '#env/errors.js'
import type { Tensor } from '#env/policy.js'
import { type DType, dtypeBytes, dtypeOf, sizeOf } from './dtype.js'
import { parseSafetensorsHeader } from './safetensors-header.js'

export interface SafetensorsFile {
  readonly tensors: { readonly [name: string]: Tensor }
  /** Free text by key. */
  readonly metadata: { readonly [key: string]: string }
}

/**
 * Equal contents give equal bytes: tensors are stored widest entries first (which aligns them), then by name.
 * @throws BundleError when a shape doesn't match its data, or a tensor has the reserved name
 */
export function encodeSafetensors(
  tensors: { readonly [name: string]: Tensor },
  metadata: { readonly [key: string]: string } = {},
): Uint8Array {
  const header: [string, unknown][] = []
  if (Object.keys(metadata).length > 0) header.push(['__metadata__', metadata])
  const ordered = Object.entries(tensors)
    .map(([name, tensor]) => ({ name, tensor, dtype: dtypeOf(tensor.data) }))
    .sort((x, y) => dtypeBytes[y.dtype] - dtypeBytes[x.dtype] || (x.name < y.name ? -1 : 1))
  let end = 0
  for (const { name, tensor, dtype } of ordered) {
    checkTensor(name, tensor)
    header.push([name, { dtype, shape: tensor.shape, data_offsets: [end, end + tensor.data.byteLength] }])
    end += tensor.data.byteLength
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)))
  // Spaces after the header let the data begin at a multiple of 8.
  const headerLength = 8 * Math.ceil(text.length / 8)
  const bytes = new Uint8Array(8 + headerLength + end)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true)
  bytes.set(text, 8)
  bytes.fill(0x20, 8 + text.length, 8 + headerLength)
  let offset = 8 + headerLength
  for (const { tensor } of ordered) {
    const { buffer, byteOffset, byteLength } = tensor.data
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), offset)
    offset += byteLength
  }
  return bytes
}

/**
 * @returns tensors with memory of their own
 * @throws BundleError when the bytes aren't a safetensors file, are truncated, or leave bytes unaccounted for
 */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { entries, metadata, dataStart } = parseSafetensorsHeader(bytes)
  const tensors = entries.map(({ name, dtype, shape, from, to }): [string, Tensor] => {
    // Not `slice`: that of a Buffer, which reading a file gives, doesn't copy.
    const own = new Uint8Array(bytes.subarray(dataStart + from, dataStart + to))
    return [name, { shape, data: view(dtype, own.buffer) }]
  })
  return { tensors: Object.fromEntries(tensors), metadata }
}

function view(dtype: DType, buffer: ArrayBuffer): Tensor['data'] {
  if (dtype === 'F64') return new Float64Array(buffer)
  if (dtype === 'F32') return new Float32Array(buffer)
  return dtype === 'I32' ? new Int32Array(buffer) : new Uint8Array(buffer)
}

function checkTensor(name: string, { shape, data }: Tensor): void {
  if (name === '__metadata__' || name === '__proto__') {
    throw new BundleError(`safetensors: "${name}" can't name a tensor; choose another name`)
  }
  if (shape.some((n) => !Number.isSafeInteger(n) || n < 0) || sizeOf(shape) !== data.length) {
    throw new BundleError(
      `safetensors: tensor "${name}" of shape [${shape.join(', ')}] has ${data.length} entries; check its shape`,
    )
  }
}
