import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanName } from '../../../src/proxy/validation/cleanName.ts';

describe('a clean name', () => {
  test.each([
    [' \ufb01ne\u200d\n day ', 'fine day'],
    ['a\u0001b', 'a b'],
    ['a\u0000b', 'ab'],
    ['\uff3f\uff3fproto\uff3f\uff3f', '__proto__'],
    ['cafe\u200b\u0301', 'caf\u00e9'],
    ['cafe\u0000\u0301', 'caf\u00e9'],
    ['cafe\ufe0f\u0301', 'caf\u00e9'],
    ['\u1100\u200d\u1161', '\uac00'],
    ['\u3164', ''],
    ['\ufeff a \ufeff', 'a'],
  ])('of %j is %j', (name, expected) => {
    expect(cleanName(name)).toBe(expected);
  });

  test('stays as it is, in NFKC, on one line and without what cannot be seen', () => {
    const mark = fc.constantFrom('\u200b', '\u0301', '\u0323', '\u0345', '\0', ' ', 'e', '\u3164');
    const unit = fc.oneof(mark, fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }));
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 12 }), (units) => {
        const clean = cleanName(units.join(''));
        expect(cleanName(clean)).toBe(clean);
        expect(clean.normalize('NFKC')).toBe(clean);
        expect(clean).not.toMatch(/[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}]|^\s|\s$|\s\s/u);
      }),
      { numRuns: 3_000 },
    );
  });

  test('is the same for every character, however often it is cleaned', () => {
    for (let code = 0; code <= 0x10ffff; code++) {
      const clean = cleanName(String.fromCodePoint(code));
      if (clean.normalize('NFKC') !== clean) expect(clean).toBe(`not NFKC: ${code.toString(16)}`);
      if (/[\p{Default_Ignorable_Code_Point}\p{Cf}]/u.test(clean))
        expect(clean).toBe(`ignorable: ${code.toString(16)}`);
    }
  });
});
