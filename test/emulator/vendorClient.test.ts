import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RunningEmulator, startEmulator } from '../../src/emulator/server.ts';

// The client that SendX itself published in 2016: CommonJS, callbacks, no types.
interface VendorClient {
  contactIdentifyPost(key: string, team: string, body: object, done: Done): void;
  contactTrackPost(key: string, team: string, email: string, body: object, done: Done): void;
}
type Done = (error: unknown, data: VendorData) => void;
interface VendorData {
  readonly status: string;
  readonly message: string;
  readonly data?: Record<string, unknown>;
}

const vendor = createRequire(import.meta.url)('send_x_rest_api');

let running: RunningEmulator;
let client: VendorClient;

beforeEach(async () => {
  running = await startEmulator({ apiKey: 'right-key', teamId: 'team' });
  const transport = new vendor.ApiClient();
  transport.basePath = `${running.url}/api/v1`;
  client = new vendor.ContactApi(transport);
});
afterEach(() => running.close());

const promised = (call: (done: Done) => void) =>
  new Promise<VendorData>((resolve, reject) => {
    call((error, data) => (error ? reject(error) : resolve(data)));
  });
const identify = (body: object, key = 'right-key') =>
  promised((done) => client.contactIdentifyPost(key, 'team', body, done));
const track = (email: string, body: object) =>
  promised((done) => client.contactTrackPost('right-key', 'team', email, body, done));

const CALL_A = {
  email: 'john.doe@gmail.com',
  firstName: 'John',
  birthday: '1989-03-03',
  customFields: { Designation: 'Software Engineer' },
  tags: ['Developer'],
};
const CALL_B = { email: 'john.doe@gmail.com', customFields: { Age: '29' }, tags: ['API Team'] };

test("the vendor's own client sees calls A and B of its README merged to the field", async () => {
  const first = await identify(CALL_A);
  const second = await identify(CALL_B);

  expect(second).toMatchObject({ status: '200', message: 'OK' });
  expect(second.data).toMatchObject({
    encryptedTeamId: 'team',
    encryptedId: first.data?.encryptedId,
    firstName: 'John',
    lastName: '',
    email: 'john.doe@gmail.com',
    company: '',
    birthday: '1989-03-03',
    customFields: { Designation: 'Software Engineer', Age: '29' },
  });
  expect(new Set(second.data?.tags as string[])).toEqual(new Set(['Developer', 'API Team']));
  expect(running.emulator.contacts()).toHaveLength(1);
});

test("the vendor's own client renames a contact, which keeps its id", async () => {
  const before = await identify(CALL_A);
  const after = await identify({ email: 'john.doe@gmail.com', newEmail: 'john@example.com' });

  expect(after.data?.encryptedId).toBe(before.data?.encryptedId);
  expect(after.data?.email).toBe('john@example.com');
  expect(running.emulator.contact('john.doe@gmail.com')).toBeUndefined();
});

test("the vendor's own client adds and removes tags", async () => {
  await identify({ ...CALL_A, email: 'a+b@example.com', tags: ['trial user'] });

  const answer = await track('a+b@example.com', {
    addTags: ['paid user'],
    removeTags: ['trial user'],
  });

  expect(answer).toMatchObject({ status: '200', message: 'OK' });
  expect(running.emulator.contact('a+b@example.com')?.tags).toEqual(['paid user']);
  expect(running.emulator.automations().fired).toMatchObject([
    { automation: 'Upsell after trial', on: 'removed', tag: 'trial user' },
  ]);
});

test("the vendor's own client is told of a wrong key and of an unknown contact", async () => {
  await expect(identify(CALL_A, 'wrong-key')).rejects.toMatchObject({ status: 401 });
  await expect(track('nobody@example.com', { addTags: ['x'] })).rejects.toMatchObject({
    status: 404,
  });
  expect(running.emulator.contacts()).toEqual([]);
});
