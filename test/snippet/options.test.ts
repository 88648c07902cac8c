import { Window } from 'happy-dom';
import { describe, expect, it } from 'vitest';
import { readOptions } from '../../src/snippet/options.ts';

/** A page with `html`, and the element that runs at present: none unless `current` selects one. */
const options = (html: string, current?: string) => {
  const { document } = new Window({ url: 'https://www.example.com/pricing/' });
  document.body.innerHTML = html;
  const ours = current ? document.querySelector(current) : null;
  return readOptions(document as unknown as Document, ours as unknown as HTMLScriptElement);
};

const TAG = '<script src="https://t.example.com/v1/sendx.js"></script>';
const ENDPOINT = 'https://t.example.com/v1/messages';

describe('readOptions', () => {
  it('finds the endpoint next to the script', () => {
    expect(options(TAG, 'script')).toEqual({ endpoint: ENDPOINT });
  });

  it.each([
    ['https://t.example.com/1.2.3/sendx.js', 'https://t.example.com/1.2.3/messages'],
    ['/v1/sendx.js', 'https://www.example.com/v1/messages'],
    ['https://t.example.com/v1/sendx.js?x=1#y', ENDPOINT],
    ['//t.example.com/v1/sendx.js', ENDPOINT],
  ])('finds it next to %s', (src, endpoint) => {
    expect(options(`<script src="${src}"></script>`, 'script')).toEqual({ endpoint });
  });

  it('reads every data attribute, and lets data-endpoint win', () => {
    const attributes =
      'data-endpoint="https://x.example/m" data-consent="pending" data-gpc="respect" data-debug="panel"';
    expect(options(TAG.replace('<script', `<script ${attributes}`), 'script')).toEqual({
      endpoint: 'https://x.example/m',
      consent: 'pending',
      gpc: 'respect',
      debug: 'panel',
    });
  });

  it('looks for the tag where no script runs: a module, a tag manager', () => {
    const others = '<script src="/app.js" data-consent="denied"></script>';
    expect(options(others + TAG.replace('<script', '<script data-consent="pending"'))).toEqual({
      endpoint: ENDPOINT,
      consent: 'pending',
    });
  });

  it('reads an inline script by its data-endpoint', () => {
    const html = `<script data-endpoint="${ENDPOINT}" data-gpc="respect">code</script>`;
    const expected = { endpoint: ENDPOINT, gpc: 'respect' };
    expect(options(html, 'script')).toEqual(expected);
    expect(options(html)).toEqual(expected);
  });

  it('has no endpoint where nobody says one', () => {
    expect(options('<script>code</script>', 'script')).toEqual({});
    expect(options('<p></p>')).toEqual({});
  });
});
