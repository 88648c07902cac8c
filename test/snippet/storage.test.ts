import { describe, expect, it } from 'vitest';
import { createStorage, PREFIX } from '../../src/snippet/storage.ts';
import { createSiteStorage, type Health } from './siteStorage.ts';

const openStorage = (health: Health = 'well', allowed = () => true) => {
  const site = createSiteStorage();
  site.health = health;
  return { site, storage: createStorage(site.open, allowed) };
};

describe('createStorage', () => {
  it.each<Health>(['well', 'denied', 'null', 'full'])(
    'gives back what it was given while the site storage is %s',
    (health) => {
      const { storage } = openStorage(health);
      storage.set('b-1', '2');
      storage.set('a', '1');
      storage.set('a', '3');
      const values = ['a', 'b-1', 'c-1'].map(storage.get);
      expect(values).toEqual(['3', '2', undefined]);
      expect(storage.keys()).toEqual(['a', 'b-1']);
      expect([storage.own('b-1'), storage.own('c-1')]).toEqual([true, false]);
      for (const key of ['a', 'b-1']) {
        storage.remove(key);
        expect(storage.get(key)).toBeUndefined();
        expect(storage.keys()).not.toContain(key);
        expect(storage.own(key)).toBe(false);
      }
    },
  );

  it('brings nothing back that another tab took away', () => {
    const { site, storage } = openStorage();
    storage.set('due', '1');
    createStorage(site.open, () => true).remove('due');
    expect(storage.get('due')).toBeUndefined();
    expect(storage.keys()).toEqual([]);
  });

  it.each(['a-1', 'identity'])('keeps %s where the page clears its storage', (key) => {
    const { site, storage } = openStorage();
    storage.set(key, 'x');
    delete site.items[PREFIX + key];
    expect([storage.get(key), storage.keys()]).toEqual(['x', [key]]);
  });

  it('reads and writes no key but ours', () => {
    const { site, storage } = openStorage();
    site.items.theirs = '1';
    site.items[`x${PREFIX}theirs`] = '1';
    storage.set('ours', '2');
    expect(storage.keys()).toEqual(['ours']);
    expect(storage.get('theirs')).toBeUndefined();
    storage.remove('theirs');
    expect(site.keys()).toEqual([`${PREFIX}ours`, 'theirs', `x${PREFIX}theirs`]);
  });

  it('keeps apart names that objects have by nature', () => {
    const { storage } = openStorage('denied');
    for (const key of ['constructor', 'toString', '__proto__']) {
      expect(storage.get(key)).toBeUndefined();
      expect(storage.own(key)).toBe(false);
    }
  });

  it('lets what another tab wrote win', () => {
    const site = createSiteStorage();
    const [one, other] = [
      createStorage(site.open, () => true),
      createStorage(site.open, () => true),
    ];
    one.set('a', '1');
    other.set('a', '2');
    expect(one.get('a')).toBe('2');
  });

  it('is touched by nobody until it is used', () => {
    expect(openStorage().site.touched).toBe(0);
  });

  it('stores nothing while it is not allowed to, and all of it once it is', () => {
    let allowed = false;
    const { site, storage } = openStorage('well', () => allowed);
    storage.set('a', '1');
    storage.keep();
    expect(site.keys()).toEqual([]);
    expect(storage.get('a')).toBe('1');
    allowed = true;
    storage.keep();
    expect(site.items).toEqual({ [`${PREFIX}a`]: '1' });
  });

  it.each(['it is full', 'nothing may be stored'])(
    'reads no older value back where %s by the time of a change',
    (trouble) => {
      let allowed = true;
      const { site, storage } = openStorage('well', () => allowed);
      storage.set('a', '1');
      if (trouble === 'it is full') site.health = 'full';
      else allowed = false;
      storage.set('a', '2');
      expect(storage.get('a')).toBe('2');
    },
  );

  it('survives storage that fails and recovers', () => {
    const { site, storage } = openStorage('full');
    storage.set('a', '1');
    site.health = 'denied';
    storage.remove('b');
    expect(storage.keys()).toEqual(['a']);
    site.health = 'well';
    storage.keep();
    expect(site.items).toEqual({ [`${PREFIX}a`]: '1' });
  });
});
