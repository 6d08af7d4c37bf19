// The arrows of docs/architecture.md. A package is imported by its name and through its public entry; features import
// one another only through their index.ts. Nothing imports in a circle, types included: the parser here doesn't tell them
// from values.

const packages = ['cli', 'simulator', 'testkit', 'homeserver', 'database', 'runtime', 'api', 'protocol'];

/** What each package's own code may import; its tests may also use the test kit. */
const arrows = {
  cli: ['homeserver', 'database', 'runtime', 'api', 'protocol'],
  simulator: ['testkit', 'homeserver', 'database', 'runtime', 'api', 'protocol'],
  testkit: ['homeserver', 'database', 'runtime', 'api', 'protocol'],
  homeserver: ['database', 'runtime', 'api', 'protocol'],
  database: ['runtime'],
  runtime: [],
  api: [],
  protocol: [],
};

const tests = '\\.test\\.ts$|/testing/';

const layers = packages.map((name) => ({
  name: `layer-${name}`,
  comment: `packages/${name} may import only: ${arrows[name].join(', ') || 'nothing'}`,
  severity: 'error',
  from: { path: `^packages/${name}/src/`, pathNot: tests },
  to: {
    path: `^packages/(${packages.filter((other) => other !== name && !arrows[name].includes(other)).join('|')})/`,
  },
}));

module.exports = {
  forbidden: [
    ...layers,
    {
      name: 'public-entry-only',
      comment: 'A package is imported by its name: through one of the entries of its package.json.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: {
        path: '^packages/[^/]+/src/',
        pathNot: [
          '^packages/$1/',
          '^packages/[^/]+/src/(index|testing|vitest|node)\\.ts$',
          '^packages/[^/]+/src/[^/]+/index\\.ts$',
        ],
        dependencyTypesNot: ['local'],
      },
    },
    {
      name: 'no-path-into-another-package',
      comment: 'Import @myelin/NAME, not a path into the package.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/', pathNot: '^packages/$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'features-through-their-index',
      comment: 'A feature imports another feature only through its index.ts.',
      severity: 'error',
      from: { path: '^packages/homeserver/src/features/([^/]+)/' },
      to: {
        path: '^packages/homeserver/src/features/[^/]+/',
        pathNot: ['^packages/homeserver/src/features/$1/', '^packages/homeserver/src/features/[^/]+/index\\.ts$'],
      },
    },
    {
      name: 'server-through-feature-index',
      comment: 'The wiring and what lies beside the features, too, take features through their index.ts.',
      severity: 'error',
      from: { path: '^packages/homeserver/src/(?!features/)', pathNot: tests },
      to: {
        path: '^packages/homeserver/src/features/[^/]+/',
        pathNot: '^packages/homeserver/src/features/[^/]+/index\\.ts$',
      },
    },
    {
      name: 'foundation-below-features',
      comment: 'What the features stand on knows none of them.',
      severity: 'error',
      from: {
        path: '^packages/homeserver/src/((caches|config|http|observability|queues)/|nids\\.ts)',
        pathNot: tests,
      },
      to: { path: '^packages/homeserver/src/features/' },
    },
    {
      name: 'pure-protocol',
      comment: 'The protocol does no I/O; of Node it uses hashes and signatures, and its vector runner reads files.',
      severity: 'error',
      from: { path: '^packages/(protocol|api)/src/', pathNot: [tests, '^packages/protocol/src/vectors/'] },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|buffer|zlib)$' },
    },
    {
      name: 'no-undeclared-dependency',
      comment: "What a package's code imports stands in a package.json.",
      severity: 'error',
      from: { path: '^packages/', pathNot: `${tests}|/testing\\.ts$|^packages/testkit/` },
      to: { pathNot: '^packages/', dependencyTypes: ['npm-no-pkg'] },
    },
    {
      name: 'no-circles',
      comment: 'Nothing imports in a circle, types included: move what both need below both.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'tests-are-not-imported',
      severity: 'error',
      from: { pathNot: '\\.test\\.ts$' },
      to: { path: '\\.test\\.ts$' },
    },
  ],
  options: {
    parser: 'swc',
    moduleSystems: ['es6'],
    tsPreCompilationDeps: false,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/data/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
