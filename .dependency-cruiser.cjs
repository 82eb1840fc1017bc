/** The five rooms and their one direction: env <- algorithms <- agents <- experiments -> results. */
const room = (name, mayImport, comment) => ({
  name: `${name}-room`,
  severity: 'error',
  comment,
  from: { path: `^${name}/` },
  to: { path: '^(env|algorithms|agents|experiments|results)/', pathNot: `^(${[name, ...mayImport].join('|')})/` },
})

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    room('env', [], 'env is the ground floor'),
    room('algorithms', ['env'], 'algorithms sees the contract of env'),
    room('agents', ['env', 'algorithms'], 'agents sees env and algorithms'),
    {
      name: 'results-room',
      severity: 'error',
      comment:
        'results sees env/errors, env/own-value and nothing else of ours: the run directory on disk is its contract',
      from: { path: '^results/' },
      to: { path: '^(env|algorithms|agents|experiments)/', pathNot: '^env/(errors|own-value)\\.ts$' },
    },
    {
      name: 'algorithms-see-no-concrete-environment',
      severity: 'error',
      from: { path: '^algorithms/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^env/(matrix-game|two-step|gridworld|frozen-lake|routing-dispatch|routing-cascade|routing-pipeline|taxi|cliff-walking|forest|gambler|car-rental|garnet|cart-pole|lbf)/',
      },
    },
    {
      name: 'live-team-has-its-own-driver',
      comment:
        'simulation and live team share the rules of routing-dispatch and routing-pipeline, never the environment that draws events',
      severity: 'error',
      from: { path: '^agents/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^env/(routing-dispatch/(entry|sampled-dispatch|routing-dispatch)|routing-pipeline/(entry|routing-pipeline))\\.ts$',
      },
    },
    {
      name: 'pure-rooms-touch-no-files',
      severity: 'error',
      from: { path: '^(env|algorithms)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(node:)?(fs|fs/promises|child_process|worker_threads|net|http|https)$' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|results/runs|algorithms/graph/simd/kernels)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['cadre-source', 'import', 'node', 'default'],
      extensions: ['.ts', '.js'],
    },
  },
}
