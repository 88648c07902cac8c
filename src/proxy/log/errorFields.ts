import type { LogFields } from '../log.ts';

/** What of an unknown error may be logged. */
export function errorFields(error: unknown): Pick<LogFields, 'error' | 'code'> {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return { error: error.name, ...code };
}
