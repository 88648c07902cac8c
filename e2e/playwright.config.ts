import { defineConfig } from 'playwright/test';
import ensureBrowsers from './ensureBrowsers.ts';
import { BROWSER_NAMES, findBrowser } from './findBrowser.ts';

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
  // Half of a test is waiting: for timers, for leases, for answers that do not come.
  workers: 4,
  projects: [
    ...BROWSER_NAMES.map((browserName) => ({
      name: `engine: ${browserName}`,
      testMatch: `${ENGINES}/*.spec.ts`,
      use: { browserName },
      // An engine takes as long to start as ten tests: each starts once, the three side by side.
      workers: 1,
    })),
    {
      name: 'chromium',
      testIgnore: ENGINES,
      use: { launchOptions: findBrowser('chromium') ?? {} },
    },
  ],
});
