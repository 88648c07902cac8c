import type { Message } from '../../protocol.ts';

/** `"++5"`, `"--2.5"`; wider than SendX documents, for what it makes of `"++ 5"` nobody knows. */
const INCREMENT = /^\s*(?:\+\+|--)[\s+-]*[.,]?\p{N}/u;

/** What a reader may skip, wherever it stands: ignorable characters, and controls but white space. */
const SKIPPED = /[\p{Default_Ignorable_Code_Point}\p{Cf}]|(?!\s)\p{Cc}/gu;

/** Whether a custom field's value adds to or subtracts from a number, in any script and width. */
export const isIncrement = (value: string): boolean =>
  INCREMENT.test(value.replace(SKIPPED, '').normalize('NFKC'));

/** Whether a message would count twice if it were delivered twice. */
export const holdsIncrement = (message: Message): boolean =>
  message.type === 'identify' && Object.values(message.traits.customFields ?? {}).some(isIncrement);
