import type { Message } from '../../../protocol.ts';
import type { Appended } from '../outbox.ts';

/** Stores messages, all or nothing. */
export type Append = (messages: readonly Message[]) => Promise<readonly Appended[]>;

interface Waiting {
  readonly messages: readonly Message[];
  resolve(appended: readonly Appended[]): void;
  reject(error: unknown): void;
}

// Messages of one transaction: bounds what has to be done again where one append is refused.
const MOST = 500;

/**
 * Makes one append of those that arrive while another is under way: one transaction, one commit.
 * They are stored in the order of their calls; what one of them is refused for harms no other.
 */
export function coalesce(append: Append): Append {
  let queue: Waiting[] = [];
  let isRunning = false;

  async function run(): Promise<void> {
    isRunning = true;
    while (queue.length > 0) {
      const together = queue.slice(0, fitting(queue));
      queue = queue.slice(together.length);
      await settle(together);
    }
    isRunning = false;
  }

  async function settle(together: readonly Waiting[]): Promise<void> {
    try {
      const appended = await append(together.flatMap(({ messages }) => messages));
      let from = 0;
      for (const { messages, resolve } of together) {
        resolve(appended.slice(from, from + messages.length));
        from += messages.length;
      }
    } catch (error) {
      if (together.length === 1) together[0]?.reject(error);
      else for (const one of together) await settle([one]);
    }
  }

  return (messages) =>
    new Promise((resolve, reject) => {
      queue.push({ messages, resolve, reject });
      if (!isRunning) void run();
    });
}

/** How many from the front make one transaction. */
function fitting(queue: readonly Waiting[]): number {
  let count = 0;
  const end = queue.findIndex(({ messages }, index) => {
    count += messages.length;
    return index > 0 && count > MOST;
  });
  return end === -1 ? queue.length : end;
}
