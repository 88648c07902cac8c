/** What must not lose a message, changed in one place at a time: some test has to fail. */
export default {
  mutate: [
    'src/snippet/{command,identity,outbox,batcher,retry}.ts',
    'src/proxy/**/{policy,delivery}.ts',
  ],
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutants/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // On a busy machine the default takes slow tests for endless ones, and survivors for killed.
  timeoutMS: 30_000,
  timeoutFactor: 3,
  thresholds: { high: 95, low: 85, break: 85 },
  reporters: ['clear-text', 'html', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false, skipFull: false },
  tempDirName: 'test-results/mutants/sandbox',
  cleanTempDir: 'always',
  htmlReporter: { fileName: 'test-results/mutants/report.html' },
  jsonReporter: { fileName: 'test-results/mutants/report.json' },
  ignorePatterns: ['/*', '!/src', '!/test', '!/{package,tsconfig}.json', '!/README.md'],
  disableTypeChecks: false,
  // There is none of this name, so none is rewritten: Stryker 9 asks TypeScript for a parser that
  // TypeScript 7 has not.
  tsconfigFile: 'none',
};
