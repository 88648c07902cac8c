import type { LogFields } from '../log.ts';

const FIELDS = {
  id: true,
  lane: true,
  type: true,
  code: true,
  error: true,
  status: true,
  route: true,
  address: true,
  count: true,
  ms: true,
  attempt: true,
  state: true,
  port: true,
  url: true,
  adminUrl: true,
  outbox: true,
  version: true,
  open: true,
} satisfies Record<keyof LogFields, true>;

/** The allow-listed fields of a log line; what else an object holds is left out. */
export function pickFields(fields: LogFields = {}): Record<string, string | number> {
  const picked: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (!Object.hasOwn(FIELDS, name)) continue;
    if (typeof value === 'string' || typeof value === 'number') picked[name] = value;
  }
  return picked;
}
