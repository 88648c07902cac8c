import { describe, expect, it } from 'vitest';
import { createIdentity } from '../../src/snippet/identity.ts';
import { createStorage } from '../../src/snippet/storage.ts';
import { createSiteStorage } from './siteStorage.ts';

const KEY = 'sendx:identity';

const open = (site = createSiteStorage()) => ({
  site,
  identity: createIdentity(createStorage(site.open, () => true)),
});

describe('createIdentity', () => {
  it('knows nobody at first, and stores nothing by asking', () => {
    const { site, identity } = open();
    expect(identity.get().email).toBeUndefined();
    expect(site.keys()).toEqual([]);
  });

  it('knows a visitor on every later page, with the signature', () => {
    const { site, identity } = open();
    const visitor = { email: 'jane@example.com', signature: 'ab12' };
    identity.set(visitor);
    expect(open(site).identity.get()).toEqual(visitor);
  });

  it('replaces a visitor whole: the old signature proves nothing of the new e-mail', () => {
    const { identity } = open();
    identity.set({ email: 'jane@example.com', signature: 'ab12' });
    identity.set({ email: 'joe@example.com' });
    expect(identity.get()).toEqual({ email: 'joe@example.com' });
  });

  it('forgets', () => {
    const { site, identity } = open();
    identity.set({ email: 'jane@example.com' });
    identity.set({});
    expect(identity.get()).toEqual({});
    expect(site.items).toEqual({ 'sendx:identity': '{}' });
  });

  it.each(['', '{', 'null', '0', '"x"', '[]', '{"email":'])(
    'knows nobody where storage holds %j',
    (text) => {
      const site = createSiteStorage();
      site.items[KEY] = text;
      expect(open(site).identity.get().email).toBeUndefined();
    },
  );

  it('hears whom another tab identified', () => {
    const { site, identity } = open();
    identity.set({ email: 'jane@example.com' });
    open(site).identity.set({ email: 'joe@example.com' });
    expect(identity.get().email).toBe('joe@example.com');
  });
});
