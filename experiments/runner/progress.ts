/** What a run reports while it goes on. */
export type ProgressEvent =
  | {
      readonly type: 'trial'
      readonly id: string
      readonly algorithm: string
      readonly environment: string
      readonly seed: number
      readonly step: number
      readonly steps: number
      /** Score of the last evaluation; null before the first. */
      readonly score: number | null
      readonly stepsPerSecond: number
      readonly secondsLeft: number
    }
  | {
      readonly type: 'trial-done'
      readonly id: string
      readonly algorithm: string
      readonly environment: string
      readonly seed: number
      readonly status: 'done' | 'failed' | 'stopped'
      readonly final: number | null
    }
  | { readonly type: 'phase'; readonly message: string }
