import { describe, expect, it } from 'vitest'
import { Metrics } from './metrics.js'

describe('Metrics', () => {
  it('writes the text format of Prometheus', () => {
    const metrics = new Metrics()
    const requests = metrics.counter('requests_total', 'Requests \\ with\nlines.', ['agent', 'outcome'])
    metrics.counter('ticks_total', 'Ticks.').add(3)
    const latency = metrics.histogram('seconds', 'Latency.', [0.1, 1], ['agent'])
    let up = 1
    metrics.read('up', 'Up.', ['agent'], () => [
      [up, 'a'],
      [Number.NaN, 'b'],
    ])
    metrics.read('lost_total', 'Lost.', [], () => [[Number.POSITIVE_INFINITY]], 'counter')
    requests.add(1, 'a', 'answered')
    requests.add(2, 'a', 'answered')
    requests.add(1, 'says "hi"\n\\', 'error')
    for (const value of [0.05, 0.1, 0.5, 7]) latency.observe(value, 'a')
    up = 0
    expect(metrics.render()).toBe(`# HELP requests_total Requests \\\\ with\\nlines.
# TYPE requests_total counter
requests_total{agent="a",outcome="answered"} 3
requests_total{agent="says \\"hi\\"\\n\\\\",outcome="error"} 1
# HELP ticks_total Ticks.
# TYPE ticks_total counter
ticks_total 3
# HELP seconds Latency.
# TYPE seconds histogram
seconds_bucket{agent="a",le="0.1"} 2
seconds_bucket{agent="a",le="1"} 3
seconds_bucket{agent="a",le="+Inf"} 4
seconds_sum{agent="a"} 7.65
seconds_count{agent="a"} 4
# HELP up Up.
# TYPE up gauge
up{agent="a"} 0
up{agent="b"} NaN
# HELP lost_total Lost.
# TYPE lost_total counter
lost_total +Inf
`)
  })

  it('refuses names that are taken or none, and labels that are missing', () => {
    const metrics = new Metrics()
    const made = metrics.counter('a_total', 'A.', ['agent'])
    expect(() => metrics.counter('a_total', 'A.')).toThrowError(/there is a a_total already/)
    expect(() => metrics.counter('a-total', 'A.')).toThrowError(/expected a name of letters/)
    expect(() => made.add(1)).toThrowError('Metrics: a_total has the labels (agent), got 0 values')
  })
})
