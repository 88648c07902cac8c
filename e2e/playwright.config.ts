import { defineConfig } from 'playwright/test';
import ensureBrowsers from './ensureBrowsers.ts';
import { findBrowser } from './findBrowser.ts';

// Workers load this file as well; they find what the first process installed.
ensureBrowsers();

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  reporter: 'list',
  forbidOnly: Boolean(process.env.CI),
  fullyParallel: true,
  timeout: 60_000,
  workers: 2,
  use: { launchOptions: findBrowser('chromium') ?? {} },
  projects: [{ name: 'chromium' }],
});
