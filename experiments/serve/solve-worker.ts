import { parentPort, workerData } from 'node:worker_threads'
import { solveTeam, type TeamProblem } from './dispatch-optimum.js'

/** Solves one team beside whatever else runs. */
parentPort!.postMessage(solveTeam(workerData as TeamProblem))
