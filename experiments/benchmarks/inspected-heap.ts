import { WebSocket } from 'undici'
import { pause } from './processes.js'

/** The heap of a process that was started with `--inspect=PORT`. */
export class InspectedHeap {
  readonly #socket: WebSocket
  readonly #answers = new Map<number, (result: unknown) => void>()
  #next = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown }
      if (id === undefined) return
      this.#answers.get(id)?.(result)
      this.#answers.delete(id)
    })
  }

  /** @throws Error where nothing is there within five seconds */
  static async of(port: number): Promise<InspectedHeap> {
    for (let k = 0; ; k++) {
      try {
        const listed = await fetch(`http://127.0.0.1:${port}/json/list`)
        const [{ webSocketDebuggerUrl }] = (await listed.json()) as [{ webSocketDebuggerUrl: string }]
        const socket = new WebSocket(webSocketDebuggerUrl)
        await new Promise((resolve, reject) => {
          socket.addEventListener('open', resolve)
          socket.addEventListener('error', reject)
        })
        return new InspectedHeap(socket)
      } catch (error) {
        if (k === 50) throw error
        await pause(100)
      }
    }
  }

  /** Bytes in use when all that can be freed is. */
  async usedBytes(): Promise<number> {
    await this.#call('HeapProfiler.collectGarbage', {})
    const { usedSize } = (await this.#call('Runtime.getHeapUsage', {})) as { usedSize: number }
    return usedSize
  }

  close(): void {
    this.#socket.close()
  }

  #call(method: string, params: object): Promise<unknown> {
    const id = ++this.#next
    return new Promise((resolve) => {
      this.#answers.set(id, resolve)
      this.#socket.send(JSON.stringify({ id, method, params }))
    })
  }
}
