import { parentPort, workerData } from 'node:worker_threads'
import { solveTeam } from './dispatch-optimum.js'
import { policyOf } from './policy-source.js'
import { predictedGain } from './predicted-gain.js'
import type { TeamTask } from './team-task.js'

/** Does one task beside whatever else runs. */
const task = workerData as TeamTask
parentPort!.postMessage(
  task.kind === 'solve'
    ? solveTeam(task.problem)
    : predictedGain(task.config, await policyOf(task.source, task.config), task.present),
)
