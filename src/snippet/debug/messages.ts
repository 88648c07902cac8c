import type { DebugSource } from '../debugLoader.ts';
import { asObject } from './payload.ts';

/** Keys of messages; those of everything else that is stored look different. */
const MESSAGE = /^[0-9a-z]+-[0-9a-z]+-\d+$/;

/** A stored message, as the snippet wrote it. */
export type StoredMessage = Readonly<Record<string, unknown>>;

const decode = (text: string | undefined): StoredMessage => {
  try {
    return asObject(JSON.parse(text ?? ''));
  } catch {
    return {};
  }
};

/** What is waiting in this browser, of this page and of others. */
export const readMessages = ({ store }: DebugSource): readonly StoredMessage[] =>
  store
    .keys()
    .filter((key) => MESSAGE.test(key))
    .map((key) => decode(store.get(key)));

/** The identified e-mail. */
export const readVisitor = ({ store }: DebugSource): string | undefined => {
  const { email } = decode(store.get('identity'));
  return email ? `${email}` : undefined;
};

/** When the next attempt is due, in milliseconds since the epoch; 0 where none is. */
export const readDue = ({ store }: DebugSource): number => Number(store.get('due')) || 0;
