import { fileURLToPath } from 'node:url';
import { runDemo } from './demo.ts';

// Addresses relative to the bundle, dist/demo/start.js.
const inRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const stop = new AbortController();
// npm passes Ctrl-C on although the terminal has already sent it: the second one must not kill.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop.abort());

try {
  await runDemo({
    dist: inRoot('dist'),
    pages: inRoot('demo/site'),
    env: process.env,
    signal: stop.signal,
    onReady: ({ site, liveView }) => {
      console.log(site);
      console.log(`Live view of the contacts: ${liveView}`);
      console.log('Ctrl-C stops everything.');
    },
    onLine: (line) => console.error(line),
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
