import { statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { AgentFailure } from '#agents/client/agent-failure.js'
import type { LocalModel, LocalModelOptions } from '#agents/writing/local-model.js'

/** What is used of node-llama-cpp, which is installed by those who want it. */
interface LlamaPackage {
  getLlama(options: object): Promise<Llama>
  LlamaChatSession: new (
    options: object,
  ) => {
    prompt(text: string, options: object): Promise<string>
    dispose(): void
  }
}
interface Llama {
  loadModel(options: { modelPath: string }): Promise<{ createContext(options: object): Promise<Context> }>
  dispose(): Promise<void>
}
interface Context {
  getSequence(): { clearHistory(): Promise<void> }
}

const packageName = 'node-llama-cpp'

/**
 * A GGUF file as a model, by node-llama-cpp: loaded with the first question, so that a team that is only looked at loads nothing.
 * @throws Error where the file isn't there, or the package isn't installed
 */
export function ggufModel(file: string, baseDir: string, { contextTokens, threads }: LocalModelOptions): LocalModel {
  const path = resolve(baseDir, file)
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) throw new Error(`${file}: there is no such file`)
  if (!isInstalled())
    throw new Error(`${packageName} is not installed; it runs models here: npm install ${packageName}`)
  let loading: Promise<{ llama: Llama; say: LocalModel['complete'] }> | undefined
  /** Ends when the question before has ended. */
  let before: Promise<unknown> = Promise.resolve()
  const load = async () => {
    try {
      const { getLlama, LlamaChatSession } = (await import(packageName)) as LlamaPackage
      const llama = await getLlama({ build: 'never', logLevel: 'error' })
      const model = await llama.loadModel({ modelPath: path })
      const sequence = (
        await model.createContext({ contextSize: contextTokens, threads: threads ?? availableParallelism() })
      ).getSequence()
      const say: LocalModel['complete'] = async ({ system, user }, { maxTokens, temperature, signal }) => {
        await sequence.clearHistory()
        const session = new LlamaChatSession({
          contextSequence: sequence,
          systemPrompt: system,
          autoDisposeSequence: false,
        })
        try {
          return await session.prompt(user, { maxTokens, temperature, signal })
        } finally {
          session.dispose()
        }
      }
      return { llama, say }
    } catch (error) {
      throw new AgentFailure('server-error', `${file} can't be loaded: ${(error as Error).message}`, { cause: error })
    }
  }
  return {
    complete: async (prompt, options) => {
      loading ??= load()
      const { say } = await loading
      const mine = before.then(async () => {
        if (options.signal.aborted) throw new AgentFailure('aborted', 'the model was not asked any more')
        try {
          return await say(prompt, options)
        } catch (error) {
          if (options.signal.aborted) throw new AgentFailure('aborted', 'the model was given up')
          throw error
        }
      })
      before = mine.catch(() => {})
      return mine
    },
    close: async () => {
      const loaded = await loading?.catch(() => undefined)
      await before
      await loaded?.llama.dispose()
    },
  }
}

function isInstalled(): boolean {
  try {
    import.meta.resolve(packageName)
    return true
  } catch {
    return false
  }
}
