import { describe, expect, test } from 'vitest';
import { errorFields } from '../../src/proxy/log/errorFields.ts';
import { LOG_LEVELS, type LogLevel } from '../../src/proxy/log/logLevel.ts';
import { createLog, type LogFields } from '../../src/proxy/log.ts';

function lines(level: LogLevel, fields?: LogFields): readonly Record<string, unknown>[] {
  const written: string[] = [];
  const log = createLog(level, { write: (line) => written.push(line) });
  for (const name of LOG_LEVELS) if (name !== 'silent') log[name]('Something happened', fields);
  return written.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('createLog', () => {
  test('writes the fields of the list and no other, whatever is passed', () => {
    const fields = {
      id: 'a-1',
      status: 202,
      email: 'canary@example.com',
      body: { canary: true },
      code: { canary: true },
      lane: undefined,
      err: new Error('canary'),
    } as unknown as LogFields;
    const [line] = lines('error', fields);
    expect(line).toEqual({
      level: 50,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      id: 'a-1',
      status: 202,
      msg: 'Something happened',
    });
  });

  test.each([
    ['debug', 4],
    ['info', 3],
    ['warn', 2],
    ['error', 1],
    ['silent', 0],
  ] as const)('at level %s writes %i of 4 lines', (level, count) => {
    expect(lines(level)).toHaveLength(count);
  });
});

test.each([
  [
    Object.assign(new TypeError('canary'), { code: 'ENOSPC' }),
    { error: 'TypeError', code: 'ENOSPC' },
  ],
  [new RangeError('canary'), { error: 'RangeError' }],
  [Object.assign(new Error('canary'), { code: 7 }), { error: 'Error' }],
  ['canary', { error: 'string' }],
  [undefined, { error: 'undefined' }],
])('of an error only its class and code are told: %s', (error, fields) => {
  expect(errorFields(error)).toEqual(fields);
});
