import type { Link } from '../../../e2e/link.ts';
import { startLink } from '../../../e2e/link.ts';
import { startCollector } from './collector.ts';
import type { Contestant } from './contestants.ts';
import { newVisitor, openScene, type Stage } from './stage.ts';

/** Milliseconds that the visitor stays on the page behind the form, and on the one after that. */
const STAY_MS = 5_000;

/** A round trip of an ordinary phone. */
const LATENCY_MS = 100;

/** Whether identify and track of a submit handler have arrived. */
export interface Survival {
  /** After five seconds on a page of another system, without the script. */
  readonly alone: boolean;
  /** After five more on a page of the site that has it. */
  readonly revisited: boolean;
}

const FORM = `<form action="/thanks"><button>Sign up</button></form>
<script>
  document.forms[0].onsubmit = () => {
    bench.identify(visitor + '@example.com');
    bench.track(visitor + '-track.', ['newsletter']);
  };
</script>`;

/**
 * Submits a form whose handler identifies and tracks: the page begins to leave in that moment.
 *
 * @param outage - The network is dead from the submit until the next page of the site.
 */
export async function measureSurvival(
  stage: Stage,
  contestant: Contestant,
  outage: boolean,
): Promise<Survival> {
  const collector = await startCollector();
  const link: Link = await startLink(() => collector.port);
  link.set({ latencyMs: LATENCY_MS });
  const { context, page, visit } = await openScene(stage, contestant, link.url);
  const visitor = newVisitor();
  await visit(`<script>visitor = '${visitor}';</script>${FORM}`);
  await page.waitForLoadState('networkidle');
  if (outage) link.set({ fault: 'cut' });
  await page.click('button');
  await page.waitForURL('**/thanks?');
  const arrived = () =>
    collector.has(`${visitor}-track.`) && collector.has(visitor) && collector.has('example.com');
  await staying(arrived);
  const alone = arrived();
  link.set({ latencyMs: LATENCY_MS });
  // A page that says something, as most do of their view: some send what waits only then.
  await visit(`<script>bench.track('viewed', ['newsletter']);</script>`);
  await staying(arrived);
  const revisited = arrived();
  await context.close();
  await link.close();
  await collector.close();
  return { alone, revisited };
}

/** Ends early where there is nothing more to see. */
async function staying(seen: () => boolean): Promise<void> {
  const until = performance.now() + STAY_MS;
  while (!seen() && performance.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 100));
}
