import { createOriginPolicy } from '../http/origin.ts';
import type { InstallFacts } from './installFacts.ts';
import { judgeNames, type NameFacts } from './judgeNames.ts';
import { type Finding, judgeTag, type TagFacts } from './judgeTag.ts';
import { findScripts, type PageScript, parseAttributes } from './pageScripts.ts';

/** What somebody wants to have checked. */
export interface PageSource {
  readonly html: string;
  /** Address of the page or its site. @defaultValue the page's own canonical address */
  readonly site?: string;
}

type Facts = Pick<InstallFacts, 'stub' | 'allowedOrigins'> & TagFacts & NameFacts;

/**
 * Says whether a page has the stub, the tag, an origin that may call, and names that are allowed.
 *
 * @param proxy - the public address, without a slash at the end.
 */
export function inspectPage(page: PageSource, facts: Facts, proxy: string): readonly Finding[] {
  const scripts = findScripts(page.html);
  const isOurs = ({ attributes, text }: PageScript) =>
    /\/sendx\.js$/.test(attributes.get('src') ?? '') ||
    /["'][^"']*\/sendx\.js["']/.test(ownText(text));
  const ownText = (text: string) => text.replace(facts.stub, '');
  const stubAt = scripts.findIndex(({ text }) => isStub(text, facts.stub));
  const tags = scripts.filter((script) => isOurs(script));
  const tagAt = scripts.findIndex((script) => isOurs(script));
  return [
    judgeStub(page.html, scripts[stubAt], facts.stub, tagAt !== -1 && tagAt < stubAt),
    judgeTag(tags, facts, proxy),
    judgeOrigin(page, facts.allowedOrigins),
    ...judgeNames(page.html, facts),
  ];
}

/** Stubs of every version begin alike; the current one is also known whole. */
const isStub = (text: string, stub: string): boolean =>
  (stub !== '' && text.includes(stub)) || /window\.sendx\s*\|\|/.test(text);

function judgeStub(
  html: string,
  script: PageScript | undefined,
  stub: string,
  isLate: boolean,
): Finding {
  const about = 'stub';
  if (script === undefined) {
    const text = /&lt;script[\s\S]{0,400}sendx/i.test(html)
      ? 'The paste is shown as text: the editor turned < into &lt;. Paste it where HTML is expected.'
      : 'The stub is missing: calls made before the script is there are lost.';
    return { about, state: 'wrong', text };
  }
  if (/[\u201c\u201d\u2018\u2019]/.test(script.text.slice(0, 2000)) && !script.text.includes(stub))
    return {
      about,
      state: 'wrong',
      text: 'An editor changed the quotes of the stub: it cannot run.',
    };
  if (!script.text.includes(stub))
    return { about, state: 'doubtful', text: 'The stub is of another version, or was changed.' };
  if (isLate)
    return {
      about,
      state: 'wrong',
      text: 'The stub comes after the script tag; it has to be first.',
    };
  return { about, state: 'good', text: 'The stub is there.' };
}

function judgeOrigin({ html, site }: PageSource, allowed: readonly string[]): Finding {
  const about = 'origin';
  const address = site?.trim() || canonicalOf(html) || '';
  const full = /^https?:\/\//i.test(address) ? address : `https://${address}`;
  if (address === '' || !URL.canParse(full)) {
    const text = 'The page does not say where it is: enter its address to check the origin.';
    return { about, state: 'doubtful', text };
  }
  const { origin } = new URL(full);
  return createOriginPolicy(allowed)(origin)
    ? { about, state: 'good', text: `${origin} may call this proxy.` }
    : {
        about,
        state: 'wrong',
        text: `${origin} is not among ALLOWED_ORIGINS: all its calls are refused.`,
      };
}

function canonicalOf(html: string): string | undefined {
  for (const [, text = ''] of html.matchAll(/<link\b([^<>]*)>/gi)) {
    const attributes = parseAttributes(text);
    if (attributes.get('rel')?.toLowerCase() === 'canonical') return attributes.get('href');
  }
  return undefined;
}
