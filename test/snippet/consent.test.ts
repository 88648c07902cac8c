import { describe, expect, it } from 'vitest';
import { createConsent } from '../../src/snippet/consent.ts';
import { createCookieJar } from './cookieJar.ts';

const STATES = ['granted', 'denied', 'pending'] as const;

describe('createConsent', () => {
  it.each(STATES)('starts as the site says: %s', (initial) => {
    const jar = createCookieJar();
    expect(createConsent(jar, () => initial).state()).toBe(initial);
    expect(jar.written).toEqual([]);
  });

  it.each(STATES)('asks the site anew until somebody chooses: %s', (initial) => {
    let current: (typeof STATES)[number] = initial;
    const consent = createConsent(createCookieJar(), () => current);
    for (const state of STATES) {
      current = state;
      expect(consent.state()).toBe(state);
    }
  });

  it.each(STATES.flatMap((initial) => STATES.map((chosen) => [initial, chosen] as const)))(
    'lets the visitor overrule %s with %s',
    (initial, chosen) => {
      const consent = createConsent(createCookieJar(), () => initial);
      consent.choose(chosen);
      expect(consent.state()).toBe(chosen);
    },
  );

  it('remembers a choice for later pages, and forgets it at pending', () => {
    const jar = createCookieJar();
    const open = () => createConsent(jar, () => 'pending');
    open().choose('denied');
    expect(open().state()).toBe('denied');
    open().choose('granted');
    expect(open().state()).toBe('granted');
    open().choose('pending');
    expect(jar.cookie).toBe('');
    expect(createConsent(jar, () => 'granted').state()).toBe('granted');
  });

  it('hears what another tab chose meanwhile', () => {
    const jar = createCookieJar();
    const [one, other] = [createConsent(jar, () => 'granted'), createConsent(jar, () => 'granted')];
    one.choose('granted');
    other.choose('denied');
    expect(one.state()).toBe('denied');
  });

  it('keeps nothing but the word, for the whole site and at most 400 days', () => {
    const jar = createCookieJar();
    createConsent(jar, () => 'pending').choose('denied');
    expect(jar.written).toEqual(['sendx_consent=denied;path=/;samesite=lax;max-age=34560000']);
  });

  it('finds the choice among other cookies', () => {
    const jar = createCookieJar();
    jar.cookie = 'a=denied';
    jar.cookie = 'sendx_consent=granted';
    jar.cookie = 'z=denied';
    expect(createConsent(jar, () => 'pending').state()).toBe('granted');
  });

  it('holds a choice for the page where cookies throw', () => {
    const jar = createCookieJar();
    jar.refused = true;
    const consent = createConsent(jar, () => 'granted');
    expect(consent.state()).toBe('granted');
    consent.choose('denied');
    expect(consent.state()).toBe('denied');
  });
});
