import { readdirSync } from 'node:fs'
import type { Metrics } from './metrics.js'

/** Memory, processor time and open handles of this process, by the names that Prometheus's own clients use. */
export function addProcessMetrics(metrics: Metrics): void {
  const one = (name: string, help: string, value: () => number | null, type: 'gauge' | 'counter' = 'gauge') => {
    const read = () => {
      const now = value()
      return now === null ? [] : [[now] as const]
    }
    metrics.read(name, help, [], read, type)
  }
  const startSeconds = Date.now() / 1000 - process.uptime()
  one('process_start_time_seconds', 'Start of the process, seconds since the epoch.', () => startSeconds)
  one('process_cpu_seconds_total', 'Processor time, user and system.', cpuSeconds, 'counter')
  one('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss())
  one('nodejs_heap_size_used_bytes', 'Heap in use.', () => process.memoryUsage().heapUsed)
  one('process_open_fds', 'Open file descriptors, where the system tells them.', openFiles)
  one(
    'nodejs_active_resources_total',
    'What keeps the event loop alive.',
    () => process.getActiveResourcesInfo().length,
  )
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

function openFiles(): number | null {
  try {
    // One of them is that of the folder itself.
    return readdirSync('/proc/self/fd').length - 1
  } catch {
    return null
  }
}
