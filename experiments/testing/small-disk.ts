import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A file system in memory that is soon full. */
export class SmallDisk {
  readonly path: string
  readonly #ballast: string

  private constructor(path: string) {
    this.path = path
    this.#ballast = join(path, 'ballast')
  }

  /** Mounts one at a new folder, or undefined where that isn't permitted (it takes Linux and root). */
  static mount(path: string, megabytes: number): SmallDisk | undefined {
    if (process.platform !== 'linux') return undefined
    mkdirSync(path)
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path])
    return status === 0 ? new SmallDisk(path) : undefined
  }

  /** Takes up all but so much of the space. */
  leave(bytes: number): void {
    this.free()
    const { bavail, bsize } = statfsSync(this.path)
    writeFileSync(this.#ballast, new Uint8Array(bavail * bsize - bytes))
  }

  /** Gives the space back. */
  free(): void {
    rmSync(this.#ballast, { force: true })
  }

  unmount(): void {
    spawnSync('umount', [this.path])
  }
}
