import type { RefusalCode } from '../../src/protocol.ts';
import type { DropReason, ErrorReason, EventName } from '../../src/snippet/events.ts';
import type { sendx as imported, Sendx, TrackPayload } from '../../src/snippet/module.ts';

/** Compiles only where the two types are the same. */
type Same<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : never;
const same = <One, Other>(_same: Same<One, Other>) => {};

same<typeof imported, Sendx>(true);
same<typeof window.sendx, Sendx>(true);
same<typeof globalThis.sendx, Sendx>(true);

/** Never called: what is in it is to compile, or not. */
export const pages = (form: HTMLFormElement, maybe: string | undefined, tags: string[]) => {
  sendx('identify', { email: 'jane@example.com' });
  sendx('identify', {
    email: maybe,
    signature: null,
    firstName: '',
    birthday: '1990-01-02',
    newEmail: 'joe@example.com',
    customFields: { Age: 29, Pro: true, Visits: '++1', Plan: maybe },
    tags: ['newsletter'],
    success: ({ event, id, reason }) => {
      same<typeof event, 'accepted'>(true);
      same<typeof id, string | undefined>(true);
      same<typeof reason, 'duplicate' | undefined>(true);
    },
    failure: ({ event, reason }) => {
      same<typeof event, 'refused' | 'dropped'>(true);
      same<typeof reason, RefusalCode | DropReason | undefined>(true);
    },
  });
  sendx('identify', {});
  sendx('identify', { tags: 'newsletter, lead' });
  sendx('track', { addTags: tags });
  sendx('track', { removeTags: ['a'], email: 'jane@example.com', success: () => {} });
  sendx('track', { addTags: 'a', removeTags: null });
  sendx('consent', 'granted');
  sendx('reset');
  sendx('flush');
  sendx('config', { endpoint: 'https://t.example.com/v1/messages', gpc: 'respect', debug: true });
  sendx('form', form);
  window.sendx('flush');
  same<ReturnType<Sendx>, void>(true);

  sendx('on', 'refused', ({ event, reason }) => {
    same<typeof event, 'refused'>(true);
    same<typeof reason, RefusalCode | undefined>(true);
  });
  sendx('on', '*', (told) => {
    same<typeof told.event, EventName>(true);
    if (told.event === 'error') same<typeof told.reason, ErrorReason | undefined>(true);
    if (told.event === 'sent') same<typeof told.reason, undefined>(true);
  });

  // @ts-expect-error: there is no such command
  sendx('subscribe', {});
  // @ts-expect-error: an identify says something
  sendx('identify');
  // @ts-expect-error: an e-mail is a text
  sendx('identify', { email: 7 });
  // @ts-expect-error: it is called email
  sendx('identify', { mail: 'jane@example.com' });
  // @ts-expect-error: of an identify it is called tags
  sendx('identify', { addTags: ['a'] });
  // @ts-expect-error: a custom field is no object
  sendx('identify', { customFields: { Address: { city: 'Prague' } } });
  // @ts-expect-error: a custom field is no date: say which of its texts is meant
  sendx('identify', { customFields: { Since: new Date() } });
  // @ts-expect-error: a birthday is a text
  sendx('identify', { birthday: new Date() });
  // @ts-expect-error: a track changes tags
  sendx('track', {});
  // @ts-expect-error: a track changes tags
  sendx('track', { email: 'jane@example.com' });
  // @ts-expect-error: a track says nothing else of a contact
  sendx('track', { addTags: ['a'], firstName: 'Jane' });
  // @ts-expect-error: a tag is a text
  sendx('track', { addTags: [7] });
  // @ts-expect-error: consent is granted, denied or pending
  sendx('consent', 'yes');
  // @ts-expect-error: consent is a word
  sendx('consent', true);
  // @ts-expect-error: there is no such event
  sendx('on', 'delivered', () => {});
  // @ts-expect-error: somebody is to listen
  sendx('on', 'accepted');
  // @ts-expect-error: there is no such option
  sendx('config', { batchSize: 7 });
  // @ts-expect-error: a form, not a way to find it
  sendx('form', '#sign-up');
  // @ts-expect-error: reset takes nothing
  sendx('reset', {});
  // @ts-expect-error: a callback is a function
  sendx('identify', { success: 'done' });
  // @ts-expect-error: what is told is not for writing
  sendx('on', 'sent', (told) => (told.event = 'sent'));
};

const payload: TrackPayload = { addTags: ['a'] };
// @ts-expect-error: payloads may be shared, so nobody changes them
payload.addTags = [];
