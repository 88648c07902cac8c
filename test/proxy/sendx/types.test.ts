import { describe, expectTypeOf, it } from 'vitest';
import type {
  IdentifyResponse,
  Sendx,
  SendxContact,
  SendxFailure,
  SendxOutcome,
  TrackResponse,
} from '../../../src/proxy/sendx/client.ts';

type Kind<K extends SendxFailure['kind']> = Extract<SendxFailure, { kind: K }>;

describe('the types of the client', () => {
  it('give a contact only to who has checked for success', () => {
    expectTypeOf<SendxOutcome>().not.toHaveProperty('contact');
    type Success = Extract<SendxOutcome, { ok: true }>;
    expectTypeOf<Success['contact']>().toEqualTypeOf<SendxContact | undefined>();
  });

  it('tell of each failure whether repeating it is safe', () => {
    expectTypeOf<Kind<'rate_limited' | 'network'>['applied']>().toEqualTypeOf<'no'>();
    expectTypeOf<Kind<'timeout' | 'cut' | 'unavailable'>['applied']>().toEqualTypeOf<'maybe'>();
    expectTypeOf<Kind<'aborted'>['applied']>().toEqualTypeOf<'no' | 'maybe'>();
  });

  it('have the answers of SendX as it documents them, with nothing that is sure to be there', () => {
    expectTypeOf<IdentifyResponse['data']>().toEqualTypeOf<SendxContact | undefined>();
    expectTypeOf<TrackResponse['data']>().toEqualTypeOf<string | undefined>();
    expectTypeOf<object>().toExtend<IdentifyResponse & TrackResponse>();
  });

  it('have a status only where an answer came', () => {
    expectTypeOf<Kind<'invalid'>>().toHaveProperty('status');
    expectTypeOf<Kind<'timeout'>>().not.toHaveProperty('status');
    expectTypeOf<Kind<'network'>>().not.toHaveProperty('status');
  });

  it('refuse what SendX does not take', () => {
    const misuse = (sendx: Sendx) => [
      // @ts-expect-error a contact needs an e-mail
      sendx.identify({ firstName: 'Jane' }),
      // @ts-expect-error values of custom fields are strings
      sendx.identify({ email: 'a@x.io', customFields: { Age: 29 } }),
      // @ts-expect-error there is no such trait
      sendx.identify({ email: 'a@x.io', phone: '1' }),
      // @ts-expect-error track takes no traits
      sendx.track('a@x.io', { firstName: 'Jane' }),
    ];
    expectTypeOf(misuse).returns.toExtend<unknown[]>();
  });
});
