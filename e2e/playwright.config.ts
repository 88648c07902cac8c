import { defineConfig } from 'playwright/test';
import { findBrowser } from './findBrowser.mjs';

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  reporter: 'list',
  forbidOnly: Boolean(process.env['CI']),
  timeout: 60_000,
  workers: 2,
  use: { launchOptions: findBrowser('chromium') ?? {}, trace: 'retain-on-failure' },
  projects: [{ name: 'chromium' }],
});
