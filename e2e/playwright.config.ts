import { defineConfig } from 'playwright/test';
import ensureBrowsers from './ensureBrowsers.ts';
import { findBrowser } from './findBrowser.ts';

// Workers load this file as well; they find what the first process installed.
ensureBrowsers();

/** What holds in every engine. */
const ENGINES = 'engines/**';

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  reporter: [['list'], ['./engines/figuresReporter.ts']],
  forbidOnly: Boolean(process.env.CI),
  fullyParallel: true,
  timeout: 60_000,
  workers: 2,
  projects: [
    {
      name: 'chromium',
      testIgnore: ENGINES,
      use: { launchOptions: findBrowser('chromium') ?? {} },
    },
    {
      name: 'engine: chromium',
      testMatch: `${ENGINES}/*.spec.ts`,
      use: { browserName: 'chromium' },
    },
    { name: 'engine: firefox', testMatch: `${ENGINES}/*.spec.ts`, use: { browserName: 'firefox' } },
    { name: 'engine: webkit', testMatch: `${ENGINES}/*.spec.ts`, use: { browserName: 'webkit' } },
  ],
});
