import type { InstallFacts } from './installFacts.ts';
import type { PageScript } from './pageScripts.ts';

/** One answer about the page, in words for who pasted it. */
export interface Finding {
  readonly about: 'stub' | 'tag' | 'origin' | 'names';
  readonly state: 'good' | 'doubtful' | 'wrong';
  readonly text: string;
}

/** What a script tag is compared with. */
export type TagFacts = Pick<InstallFacts, 'version' | 'integrity'>;

/**
 * Judges the script tags of a page.
 *
 * @param tags - those that load this script, or what a tag manager loads it by.
 * @param proxy - the public address, without a slash at the end.
 */
export function judgeTag(tags: readonly PageScript[], facts: TagFacts, proxy: string): Finding {
  const about = 'tag';
  const [tag, second] = tags;
  if (tag === undefined)
    return { about, state: 'wrong', text: 'The script tag is missing: nothing is ever sent.' };
  if (second !== undefined)
    return { about, state: 'doubtful', text: 'The script is there more than once; one is enough.' };
  const src = tag.attributes.get('src');
  if (src === undefined) {
    return tag.text.includes(`${proxy}/v1/sendx.js`)
      ? { about, state: 'good', text: 'The page loads the script as a tag manager does.' }
      : {
          about,
          state: 'wrong',
          text: `The loader names another script than ${proxy}/v1/sendx.js.`,
        };
  }
  if (src === `${proxy}/v1/sendx.js`)
    return tag.attributes.has('async') || tag.attributes.has('defer')
      ? { about, state: 'good', text: 'The script tag is there, always current.' }
      : { about, state: 'doubtful', text: 'The script tag has no async, so it holds up the page.' };
  return judgePin(src, tag.attributes, facts, proxy);
}

function judgePin(
  src: string,
  attributes: PageScript['attributes'],
  { version, integrity }: TagFacts,
  proxy: string,
): Finding {
  const about = 'tag';
  const wrong = (text: string): Finding => ({ about, state: 'wrong', text });
  const pinned = /^\/([^/]+)\/sendx\.js$/.exec(
    src.startsWith(proxy) ? src.slice(proxy.length) : '',
  );
  if (!pinned) return wrong(`The script tag loads ${src.slice(0, 200)}, not from ${proxy}.`);
  if (pinned[1] !== version)
    return wrong(`The script tag is pinned to ${pinned[1]}; this proxy has ${version} only.`);
  if (attributes.get('data-endpoint') !== `${proxy}/v1/messages`)
    return wrong(`A pinned script tag needs data-endpoint="${proxy}/v1/messages".`);
  if (!attributes.has('integrity'))
    return {
      about,
      state: 'doubtful',
      text: 'The script tag is pinned, without its integrity hash.',
    };
  if (attributes.get('integrity') !== integrity)
    return wrong('The integrity hash is of another script: browsers refuse to run it.');
  if (!attributes.has('crossorigin'))
    return wrong('With integrity the tag needs crossorigin="anonymous", or browsers refuse it.');
  return { about, state: 'good', text: `The script tag is there, pinned to ${version}.` };
}
