import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import { expect, onTestFinished, test } from 'vitest';
import { startEmulator } from '../../src/emulator/server.ts';
import { envelope, identify, SITE } from '../proxy/fixture.ts';
import { readDeployed } from './webServer.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const { name, exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const config = JSON.parse(readDeployed('wrangler.json'));

/** A path of the package as it is here. */
const here = (path: string) => join(ROOT, path.replace(`node_modules/${name}/`, ''));

/** The Worker as wrangler bundles and runs it by the configuration. */
async function startWorker(vars: Record<string, string>): Promise<Miniflare> {
  const { outputFiles } = await build({
    entryPoints: [here(config.main)],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker', 'browser'],
  });
  const { directory, binding, run_worker_first } = config.assets;
  const worker = new Miniflare({
    modules: true,
    script: outputFiles[0]?.text ?? '',
    compatibilityDate: config.compatibility_date,
    bindings: { ...config.vars, ...vars },
    assets: {
      directory: here(directory),
      binding,
      routerConfig: { has_user_worker: true, invoke_user_worker_ahead_of_assets: run_worker_first },
    },
  });
  onTestFinished(() => worker.dispose());
  return worker;
}

test('deploys what the package exports', () => {
  expect(config.main).toBe(`node_modules/${name}/${exports['./worker'].default.slice(2)}`);
});

test('serves the script and takes messages, and shows nobody its own code', async () => {
  const { url, emulator, close } = await startEmulator();
  onTestFinished(close);
  const vars = { SENDX_API_KEY: emulator.apiKey, SENDX_API_URL: url };
  const worker = await startWorker(vars);
  const at = (path: string) => `https://t.example.com${path}`;

  const script = await worker.dispatchFetch(at('/v1/sendx.js'));
  expect(await script.text()).toBe(readFileSync(join(ROOT, 'dist/sendx.js'), 'utf8'));
  for (const path of ['/proxy/worker.js', '/manifest.json', '/sendx.js'])
    expect((await worker.dispatchFetch(at(path))).status, path).toBe(404);

  const answer = await worker.dispatchFetch(at('/v1/messages'), {
    method: 'POST',
    headers: { Origin: SITE, 'Content-Type': 'text/plain' },
    body: JSON.stringify(envelope([identify()])),
  });
  expect(await answer.json()).toMatchObject({ results: [{ status: 'accepted' }] });
  expect(emulator.contact('jane@example.com')).toBeDefined();
});
