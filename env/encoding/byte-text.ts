/** Text as UTF-8, grown as needed and used over and over. */
export class ByteText {
  bytes = new Uint8Array(1024)
  length = 0

  clear(): void {
    this.length = 0
  }

  /** Appends a code point; a lone surrogate becomes U+FFFD. */
  push(codePoint: number): void {
    if (this.length + 4 > this.bytes.length) this.#grow()
    const { bytes } = this
    const c = codePoint >= 0xd800 && codePoint <= 0xdfff ? 0xfffd : codePoint
    if (c < 0x80) {
      bytes[this.length++] = c
    } else if (c < 0x800) {
      bytes[this.length++] = 0xc0 | (c >> 6)
      bytes[this.length++] = 0x80 | (c & 0x3f)
    } else if (c < 0x10000) {
      bytes[this.length++] = 0xe0 | (c >> 12)
      bytes[this.length++] = 0x80 | ((c >> 6) & 0x3f)
      bytes[this.length++] = 0x80 | (c & 0x3f)
    } else {
      bytes[this.length++] = 0xf0 | (c >> 18)
      bytes[this.length++] = 0x80 | ((c >> 12) & 0x3f)
      bytes[this.length++] = 0x80 | ((c >> 6) & 0x3f)
      bytes[this.length++] = 0x80 | (c & 0x3f)
    }
  }

  /** Appends the bytes at [start, end). */
  append(bytes: Uint8Array, start: number, end: number): void {
    while (this.length + end - start > this.bytes.length) this.#grow()
    for (let i = start; i < end; i++) this.bytes[this.length++] = bytes[i]!
  }

  #grow(): void {
    const longer = new Uint8Array(2 * this.bytes.length)
    longer.set(this.bytes)
    this.bytes = longer
  }
}

/** A list of integers, grown as needed and used over and over. */
export class IntegerList {
  data = new Int32Array(256)
  length = 0

  push(value: number): void {
    if (this.length === this.data.length) {
      const longer = new Int32Array(2 * this.data.length)
      longer.set(this.data)
      this.data = longer
    }
    this.data[this.length++] = value
  }
}
