import { CadreError } from '#env/errors.js'
import type { FailureDocument } from '../cli/failure.js'
import { main } from '../cli/main.js'
import { FakeIo } from '../cli/testing/fake-io.js'
import { folderTree } from './folder-tree.js'

/** A failure as its caller sees it. */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly exitCode: number
}

/** The error that a call throws. */
export async function thrownBy(call: () => unknown): Promise<Failure> {
  try {
    await call()
  } catch (error) {
    if (error instanceof CadreError) return error
    throw error
  }
  throw new Error('expected a failure, the call went through')
}

/**
 * How a command fails, in this process.
 * @throws Error when it succeeds, or tells people (standard error) and scripts (`--json`) different things
 */
export async function refusedCommand(...argv: string[]): Promise<Failure> {
  const io = new FakeIo()
  const exitCode = await main([...argv, '--json'], io)
  if (exitCode === 0) throw new Error(`expected a failure, got ${io.out}`)
  const { error } = io.json<FailureDocument>()
  if (error === undefined) throw new Error(`expected a failure, got ${io.out}`)
  if (!io.err.endsWith(`${error.message}\n`)) throw new Error(`stderr says ${io.err}, not ${error.message}`)
  return { code: error.code, message: error.message, exitCode }
}

/**
 * The message of a command that is refused with exit code 2 and leaves no trace.
 * @param folder - everything that the command could touch
 * @throws Error when anything in the folder was made, changed or removed, or the failure isn't one of ours
 */
export async function refusedWithoutTrace(folder: string, argv: readonly string[]): Promise<string> {
  const before = folderTree(folder)
  const { exitCode, code, message } = await refusedCommand(...argv)
  if (exitCode !== 2 || code === 'ERR_UNEXPECTED' || message.includes('[object')) {
    throw new Error(`expected a refusal with exit code 2, got ${exitCode}, ${code}: ${message}`)
  }
  const after = folderTree(folder)
  const traces = [...before.filter((line) => !after.includes(line)), ...after.filter((line) => !before.includes(line))]
  if (traces.length > 0)
    throw new Error(`refused (${message}), but this was made, changed or removed: ${traces.join('; ')}`)
  return message
}
