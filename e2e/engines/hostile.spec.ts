import type { InstallText } from '../pipeline.ts';
import { CALM, calls, IN_ORDER, script, witness } from './calls.ts';
import { expect, test } from './fixtures.ts';

/** A page of a site that makes life hard, with the calls in it. */
type Hardship = (install: InstallText, said: string) => string;

/** What the page does before the snippet is there. */
const before =
  (damage: string): Hardship =>
  (install, said) =>
    script(damage) + install.head + script(said);

/** What the page does once the snippet is there. */
const after =
  (damage: string): Hardship =>
  (install, said) =>
    install.head + script(`addEventListener('load', () => { ${damage}; ${said} })`);

const POLLUTED = 'Object.prototype has enumerable functions and texts';

const HARDSHIPS: Readonly<Record<string, Hardship>> = {
  [POLLUTED]: before(`
    Object.prototype.extend = function () { return this; };
    Object.prototype.clone = 'a text';
    Object.prototype.tags = ['of nobody'];
    Object.prototype.lastName = 'Nobody';
    Object.prototype.headers = { 'X-Polluted': '1' };
    Object.prototype.method = 'PUT';
    Object.prototype.mode = 'no-cors';
    Object.prototype.signal = 'broken';`),
  'arrays, texts, numbers and dates have a toJSON': before(`
    Array.prototype.toJSON = function () {
      return '[' + this.map((one) => JSON.stringify(one)).join(', ') + ']';
    };
    for (const kind of [String, Number, Date])
      kind.prototype.toJSON = function () { return '"' + this + '"'; };`),
  'an AMD loader and CommonJS names are there': before(`
    window.define = () => { throw new Error('Mismatched anonymous define()'); };
    define.amd = {};
    window.module = { exports: {} };
    window.exports = module.exports;
    window.require = () => { throw new Error('not found'); };`),
  'elements have the names': (install, said) =>
    `${install.head}<form id="sendx"></form><a id="_scq">x</a>${script(said)}`,
  'fetch throws': after(`window.fetch = () => { throw new Error('blocked') }`),
  'fetch returns nothing': before('window.fetch = () => {}'),
  'fetch is gone': after('window.fetch = undefined'),
  'everything that can be frozen is': before(`
    for (const one of [Object, Array, String, Promise, Function, Date, JSON, Math])
      Object.freeze(one.prototype || one);`),
  'timers are slow and the clock is wrong by years': before(`
    const later = setTimeout;
    window.setTimeout = (act, ms, ...more) => later(act, (ms || 0) + 100, ...more);
    const real = Date.now;
    Date.now = () => real() - 3 * 365 * 24 * 60 * 60 * 1000;`),
};

for (const [name, page] of Object.entries(HARDSHIPS))
  test(`calls arrive intact, once, and the page sees no error, although ${name}`, async ({
    tab,
    origin,
    pipeline,
    email,
    intact,
  }) => {
    const { pages, install } = pipeline;
    pages.set('/hostile', witness() + page(install, calls(email)));
    await tab.visit(`${origin}/hostile`);
    await intact(tab);
  });

test('a polluted prototype costs no preflight', async ({
  tab,
  origin,
  pipeline,
  email,
  arrivals,
}) => {
  const { pages, install, link } = pipeline;
  pages.set('/polluted', HARDSHIPS[POLLUTED]?.(install, calls(email)) ?? '');
  await tab.visit(`${origin}/polluted`);
  await arrivals(3);
  expect(link.passages().map(({ method }) => method)).not.toContain('OPTIONS');
});

for (const answer of ['Promise.reject()', 'Promise.resolve()', 'new Promise(() => {})'])
  test(`a fetch replaced by one that brings ${answer} keeps no call for longer than its page`, async ({
    tab,
    origin,
    pipeline,
    email,
    shows,
    enter,
    arrivedOnce,
  }) => {
    const { pages, install } = pipeline;
    const damage = script(`window.fetch = () => { window.asked = true; return ${answer}; }`);
    pages.set('/mute', damage + witness() + install.head + script(calls(email)));
    await tab.visit(`${origin}/mute`);
    await shows(tab, 'window.asked', true);
    expect(await tab.run(CALM)).toBe(true);
    await enter(tab);
    await tab.run("sendx('flush')");
    await arrivedOnce(tab, IN_ORDER);
  });
