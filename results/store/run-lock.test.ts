import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { RunStateError } from '#env/errors.js'
import { temporaryDirectory } from '../testing/temporary-directory.js'
import { RunLock } from './run-lock.js'

const inDirectory = temporaryDirectory()
let directories = 0
const newDirectory = () => {
  const path = inDirectory(`${directories++}`)
  mkdirSync(path)
  return path
}
const now = () => new Date().toISOString()
const leave = (directory: string, content: unknown) => {
  const path = join(directory, 'lock.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

describe('a run directory', () => {
  it('has one writer at a time, and is free again after release', () => {
    const directory = newDirectory()
    const lock = RunLock.acquire(directory)
    expect(JSON.parse(readFileSync(lock.path, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() })
    expect(() => RunLock.acquire(directory)).toThrowError(RunStateError)
    expect(() => RunLock.acquire(directory)).toThrowError(`process ${process.pid} on ${hostname()}`)
    lock.release()
    expect(existsSync(lock.path)).toBe(false)
    lock.release()
    RunLock.acquire(directory).release()
  })

  it('is refused while another process lives, and where that cannot be known', () => {
    const directory = newDirectory()
    leave(directory, { pid: process.ppid, host: hostname(), since: now() })
    expect(() => RunLock.acquire(directory)).toThrowError(/is working on this run; wait for it or stop it/)
    leave(directory, { pid: 1, host: 'elsewhere', since: now() })
    expect(() => RunLock.acquire(directory)).toThrowError(/process 1 on elsewhere/)
    const path = leave(directory, '{"pi')
    expect(() => RunLock.acquire(directory)).toThrowError(/another process is working/)
    expect(readFileSync(path, 'utf8')).toBe('{"pi')
  })

  it.each([
    ['a process that is gone', () => ({ pid: spawnSync(process.execPath, ['-e', '']).pid, since: now() })],
    ['an earlier process of our own number', () => ({ pid: process.pid, since: now() })],
    ['before the machine started', () => ({ pid: process.ppid, since: '2001-01-01T00:00:00.000Z' })],
  ])('is taken over from %s', (_, holder) => {
    const directory = newDirectory()
    const path = leave(directory, { ...holder(), host: hostname() })
    const lock = RunLock.acquire(directory)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid })
    lock.release()
    expect(existsSync(path)).toBe(false)
  })

  it.runIf(process.platform === 'linux')('is taken over from a dead process that nobody has waited for', async () => {
    const directory = newDirectory()
    // The shell turns into a program that never waits for the child, which outlives the turning.
    const parent = spawn('sh', ['-c', 'sleep 1 & echo $!; exec sleep 20'], { stdio: ['ignore', 'pipe', 'ignore'] })
    try {
      const pid = Number(await new Promise((resolve) => parent.stdout.once('data', resolve)))
      await vi.waitUntil(() => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '), { timeout: 10_000 })
      leave(directory, { pid, host: hostname(), since: now() })
      RunLock.acquire(directory).release()
    } finally {
      parent.kill()
    }
  })

  it('is taken over where a power cut left the lock empty', () => {
    const directory = newDirectory()
    const path = leave(directory, '')
    utimesSync(path, 0, 0)
    RunLock.acquire(directory).release()
    expect(existsSync(path)).toBe(false)
  })
})
