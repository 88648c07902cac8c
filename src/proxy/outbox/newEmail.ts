import type { Message } from '../../protocol.ts';

/** The address that a message gives its contact instead of its own; `undefined` for most. */
export const newEmailOf = (message: Message): string | undefined =>
  message.type === 'identify' ? message.traits.newEmail : undefined;
