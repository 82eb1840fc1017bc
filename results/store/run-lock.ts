import { closeSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { hostname, uptime } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { RunStateError } from '#env/errors.js'
import { temporaryPath } from './atomic-write.js'
import { readText } from './read-file.js'
import { storing } from './storage-failure.js'

const holderSchema = z.object({ pid: z.int(), host: z.string(), since: z.string() })
type Holder = z.infer<typeof holderSchema>

/** Locks held by this thread: one left by an earlier process of the same number isn't ours. */
const heldHere = new Set<string>()

const RUN_ADVICE =
  'is working on this run; wait for it or stop it, use --fresh, or delete the file if that process is gone'

/** Time in which a lock that was just made gets its content. */
const WRITING_MS = 10_000

/** Clocks may be set; a lock older than the machine's start by more than this is an earlier start's. */
const CLOCK_SLACK_MS = 60_000

/**
 * Holds a run directory for one writer: the file `lock.json` names the process. A lock whose process is gone (killed, or
 * of before the machine's last start) is taken over.
 */
export class RunLock {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /**
   * @throws RunStateError when another process holds the directory
   * @throws StorageError when the lock can't be written
   */
  static acquire(directory: string): RunLock {
    return RunLock.at(join(directory, 'lock.json'), RUN_ADVICE)
  }

  /**
   * The same for anything else that has one writer.
   * @param path - of the lock file
   * @param advice - what its holder does and what to do about it: "is working on ...; wait for it"
   * @throws RunStateError when another process holds it
   * @throws StorageError when the lock can't be written
   */
  static at(path: string, advice: string): RunLock {
    for (let attempt = 0; ; attempt++) {
      if (storing('cannot create', path, () => create(path))) {
        heldHere.add(path)
        return new RunLock(path)
      }
      const found = readText(path)
      if (found === null) continue
      if (attempt > 3 || !isStale(path, found) || !takeAway(path, found))
        throw new RunStateError(describe(path, found, advice))
    }
  }

  /** Who works on a run directory, in words; null where nobody does. */
  static holderOf(directory: string): string | null {
    const path = join(directory, 'lock.json')
    const found = readText(path)
    return found === null || isStale(path, found) ? null : describe(path, found, RUN_ADVICE)
  }

  /** Gives the directory free. Where that fails the lock is stale once this process has ended; what came before matters more. */
  release(): void {
    if (!heldHere.delete(this.path)) return
    try {
      rmSync(this.path, { force: true })
    } catch {
      // A read-only file system, say: whoever comes next finds that the holder is gone.
    }
  }
}

/** Makes the lock file; false when there is one. */
function create(path: string): boolean {
  let descriptor: number
  try {
    descriptor = openSync(path, 'wx')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
  try {
    const holder: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() }
    writeSync(descriptor, `${JSON.stringify(holder)}\n`)
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  } finally {
    closeSync(descriptor)
  }
  return true
}

function isStale(path: string, text: string): boolean {
  const holder = parse(text)
  if (holder === null) return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > WRITING_MS
  if (holder.host !== hostname()) return false
  if (Date.parse(holder.since) < Date.now() - 1000 * uptime() - CLOCK_SLACK_MS) return true
  return holder.pid === process.pid ? !heldHere.has(path) : !isRunning(holder.pid)
}

/** Removes the lock that was read; false when another process was faster and it is that one's by now. */
function takeAway(path: string, expected: string): boolean {
  const aside = temporaryPath(`${path}.${process.pid}`)
  try {
    renameSync(path, aside)
  } catch {
    return true
  }
  if (readText(aside) === expected) {
    rmSync(aside, { force: true })
    return true
  }
  renameSync(aside, path)
  return false
}

/** Whether a process of this machine runs. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // A killed process keeps its number until its parent asks how it ended, which some containers never do.
    return !/\) Z /.test(readText(`/proc/${pid}/stat`) ?? '')
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

function parse(text: string): Holder | null {
  try {
    return holderSchema.parse(JSON.parse(text))
  } catch {
    return null
  }
}

function describe(path: string, text: string, advice: string): string {
  const holder = parse(text)
  const who = holder === null ? 'another process' : `process ${holder.pid} on ${holder.host}, since ${holder.since},`
  return `${path}: ${who} ${advice}`
}
