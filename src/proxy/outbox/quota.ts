import { OutboxFull } from './outbox.ts';

/** How much a store may keep. */
export interface Quota {
  readonly maxRows: number;
  readonly maxBytes: number;
}

/**
 * Refuses what would be too much.
 *
 * @param rows - messages that would be kept, dead letters included.
 * @param bytes - bytes of their JSON.
 * @throws {OutboxFull} when either is more than the quota.
 */
export function refuseBeyond({ maxRows, maxBytes }: Quota, rows: number, bytes: number): void {
  if (rows > maxRows) {
    throw new OutboxFull(`outbox: ${rows} messages would wait, ${maxRows} may; nothing was stored`);
  }
  if (bytes > maxBytes) {
    throw new OutboxFull(`outbox: ${bytes} bytes would wait, ${maxBytes} may; nothing was stored`);
  }
}
