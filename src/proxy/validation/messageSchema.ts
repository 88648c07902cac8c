import * as v from 'valibot';
import {
  MAX_FIELDS,
  MAX_LABEL_LENGTH,
  MAX_NAME_LENGTH,
  MAX_SIGNATURE_LENGTH,
  MAX_TAGS,
  MAX_VALUE_LENGTH,
} from './bounds.ts';
import { cleanName } from './cleanName.ts';
import { parseEmail } from './email.ts';
import { isObject, unwrapArray } from './json.ts';

/** What an id looks like; an id of another shape cannot be answered by name. */
export const ID = /^[0-9a-z-]{1,64}$/;

/** PostgreSQL stores neither NUL nor half of a surrogate pair; a page that cut an emoji sends one. */
const storable = (value: string): string =>
  value.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\u{fffd}');
const atMost = (max: number) =>
  v.maxLength<string, number, string>(max, `must have at most ${max} characters`);
const text = (max: number) =>
  v.pipe(v.string('must be a string'), atMost(max), v.transform(storable));
/** Bounded twice: before, since cleaning costs time, and after, since NFKC makes 18 units of one. */
const label = v.pipe(
  text(MAX_LABEL_LENGTH),
  v.transform(cleanName),
  v.nonEmpty('must not be empty'),
  atMost(MAX_LABEL_LENGTH),
);
const tag = v.pipe(
  label,
  v.check((name) => !name.includes(','), 'must not have a comma'),
);
const email = v.pipe(
  v.string('must be a string'),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const parsed = parseEmail(dataset.value);
    if (parsed !== undefined) return parsed;
    addIssue({ message: 'must be an e-mail address' });
    return NEVER;
  }),
);
const tags = v.pipe(
  v.unknown(),
  v.transform(unwrapArray),
  v.array(tag, 'must be an array'),
  v.maxLength(MAX_TAGS, `must have at most ${MAX_TAGS} entries`),
);
const birthday = v.pipe(
  v.string('must be a string'),
  v.check(isDate, 'must be a date, YYYY-MM-DD'),
);
const customFields = v.pipe(
  // A record alone takes an array for an object.
  v.custom<Readonly<Record<string, unknown>>>(isObject, 'must be an object'),
  v.record(label, text(MAX_VALUE_LENGTH)),
  v.check(
    (fields) => Object.keys(fields).length <= MAX_FIELDS,
    `must have at most ${MAX_FIELDS} entries`,
  ),
);

const base = {
  id: v.pipe(v.string('must be a string'), v.regex(ID, 'must be 1 to 64 of 0-9, a-z and -')),
  at: v.pipe(
    v.number('must be a number'),
    v.integer('must be an integer'),
    v.minValue(0, 'must not be negative'),
    v.maxValue(8.64e15, 'must be a time'),
  ),
  email,
  signature: v.exactOptional(text(MAX_SIGNATURE_LENGTH)),
};

/**
 * The shape of one message. Its messages end a sentence that begins with the place, and hold no
 * value.
 */
export const messageSchema = v.variant(
  'type',
  [
    v.strictObject({
      ...base,
      type: v.literal('identify'),
      traits: v.strictObject(
        {
          firstName: v.exactOptional(text(MAX_NAME_LENGTH)),
          lastName: v.exactOptional(text(MAX_NAME_LENGTH)),
          company: v.exactOptional(text(MAX_NAME_LENGTH)),
          birthday: v.exactOptional(birthday),
          newEmail: v.exactOptional(email),
          customFields: v.exactOptional(customFields),
          tags: v.exactOptional(tags),
        },
        'must be an object',
      ),
    }),
    v.pipe(
      v.strictObject({
        ...base,
        type: v.literal('track'),
        addTags: v.exactOptional(tags),
        removeTags: v.exactOptional(tags),
      }),
      v.check(
        ({ addTags = [], removeTags = [] }) => addTags.length + removeTags.length > 0,
        'a track needs addTags or removeTags',
      ),
    ),
  ],
  'must be identify or track',
);

function isDate(value: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(value)) return false;
  const time = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}
