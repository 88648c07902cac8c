import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createSignatures } from '../../../src/proxy/policy/signature.ts';
import { createSecret } from '../../../src/proxy/settings/secret.ts';

const EMAIL = 'jane@example.com';
const hmac = (secret: string, email: string) =>
  createHmac('sha256', secret).update(email).digest('hex');
const signatures = createSignatures(
  ['current-secret-here', 'previous-secret-here'].map(createSecret),
);
const right = hmac('current-secret-here', EMAIL);

describe('createSignatures', () => {
  test('signs as openssl does', async () => {
    // printf %s jane@example.com | openssl dgst -sha256 -hmac current-secret-here
    expect(await signatures.sign(EMAIL)).toBe(
      'fc4edc85d4690905e790526e654a1c0574b6df86e33e2854a0b2c9abef8c6ee5',
    );
  });

  test.each([
    ['none is given', undefined, 'none'],
    ['it is right', right, 'right'],
    ['it is right in capitals', right.toUpperCase(), 'right'],
    ['it is by the secret before', hmac('previous-secret-here', EMAIL), 'right'],
    ['it is by another secret', hmac('some-other-secret', EMAIL), 'wrong'],
    ['it is of another contact', hmac('current-secret-here', 'joe@example.com'), 'wrong'],
    ['it is empty', '', 'wrong'],
    ['it is cut', right.slice(0, 62), 'wrong'],
    ['it is cut by half a byte', right.slice(0, 63), 'wrong'],
    ['it is too long', `${right}00`, 'wrong'],
    ['it is not hex', `${right.slice(0, 62)}zz`, 'wrong'],
    ['it is in base64', Buffer.from(right, 'hex').toString('base64'), 'wrong'],
    ['one bit differs', right.replace(/.$/, (c) => (c === '0' ? '1' : '0')), 'wrong'],
  ])('when %s', async (_, signature, state) => {
    expect(await signatures.check(EMAIL, signature)).toBe(state);
  });

  test('calls any signature wrong when there is no secret', async () => {
    const none = createSignatures([]);
    expect(await none.check(EMAIL, right)).toBe('wrong');
    expect(await none.check(EMAIL, undefined)).toBe('none');
    await expect(none.sign(EMAIL)).rejects.toThrow('IDENTITY_SECRETS is not set');
  });
});
