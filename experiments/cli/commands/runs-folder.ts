/** Where runs are, unless said otherwise. */
export const RUNS_FOLDER = 'results/runs'
