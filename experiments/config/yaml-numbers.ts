import type { ScalarTag, Tags } from 'yaml'

const int: ScalarTag = {
  identify: () => false,
  default: true,
  tag: 'tag:yaml.org,2002:int',
  test: /^[-+]?[0-9]+(?:_[0-9]+)+$/,
  resolve: (text) => Number(text.replaceAll('_', '')),
}

const float: ScalarTag = {
  identify: () => false,
  default: true,
  tag: 'tag:yaml.org,2002:float',
  test: /^[-+]?[0-9]+(?:_[0-9]+)+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?$/,
  resolve: (text) => Number(text.replaceAll('_', '')),
}

/** YAML 1.2's own scalars, and numbers whose digits are grouped by underscores: 4_000_000 is 4 million, not text. */
export function numbersWithUnderscores(tags: Tags): Tags {
  return [...tags, int, float]
}
