/**
 * What SendX does where no SendX document says: one row per question, each with the choices that
 * are possible and the one taken here. A caller can flip any row; a test against a live account
 * that settles a question changes one word.
 *
 * @module
 */

/** One undocumented rule. */
export interface Rule {
  /** The question and what is known about it. */
  readonly doc: string;
  /** Every behaviour that the emulator can show. */
  readonly choices: readonly string[];
  /** The choice taken unless a caller flips it. */
  readonly default: string;
}

/** The table, by id. */
export const RULES = {
  blankValue: {
    doc: 'An empty string or null for a property or a field: "identify deletes nothing" suggests that the stored value stays.',
    choices: ['keep', 'clear'],
    default: 'keep',
  },
  blankName: {
    doc: 'A tag or custom field whose name is blank.',
    choices: ['ignore', 'reject'],
    default: 'ignore',
  },
  nonStringValue: {
    doc: 'A number or boolean where the schema says string, such as Age: 27.',
    choices: ['stringify', 'reject'],
    default: 'stringify',
  },
  unknownProperty: {
    doc: 'A property that no SendX document names.',
    choices: ['ignore', 'reject'],
    default: 'ignore',
  },
  longValue: {
    doc: 'An e-mail, name or company over 255 characters: the neighbouring contact resource declares maxLength 255.',
    choices: ['reject', 'store'],
    default: 'reject',
  },
  badBirthday: {
    doc: 'A birthday that is not a calendar date as YYYY-MM-DD.',
    choices: ['reject', 'ignore', 'store'],
    default: 'reject',
  },
  emailCase: {
    doc: 'Whether Jane@example.com and jane@example.com are one contact: search in the app ignores case.',
    choices: ['insensitive', 'sensitive'],
    default: 'insensitive',
  },
  emailEcho: {
    doc: 'How the address comes back: as first stored, or lower-cased.',
    choices: ['stored', 'lower'],
    default: 'stored',
  },
  nameCase: {
    doc: 'Whether the tags or fields VIP and vip are two: ids are said to be case-sensitive, names are not mentioned.',
    choices: ['sensitive', 'insensitive'],
    default: 'sensitive',
  },
  incrementCreates: {
    doc: 'The type of a field that "++34" creates: fields created by identify are said to be strings, yet an increment needs a number.',
    choices: ['number', 'string'],
    default: 'number',
  },
  incrementDecimals: {
    doc: 'Whether "++1.5" is an increment: number fields hold decimals, the documents show integers only.',
    choices: ['arithmetic', 'literal'],
    default: 'arithmetic',
  },
  incrementOnText: {
    doc: '"++5" where the field is a string or its stored value is not a number.',
    choices: ['literal', 'reject'],
    default: 'literal',
  },
  decrementAbsent: {
    doc: '"--10" where the contact has no value: by the letter the number itself is stored.',
    choices: ['positive', 'negative'],
    default: 'positive',
  },
  textInNumberField: {
    doc: 'A value that is no number for a field of type number.',
    choices: ['store', 'reject'],
    default: 'store',
  },
  newEmailTaken: {
    doc: 'newEmail is the address of another contact: the contact resource answers 409 for a duplicate. "ignore" keeps the old address and applies the rest.',
    choices: ['conflict', 'ignore'],
    default: 'conflict',
  },
  newEmailUnknown: {
    doc: 'email is unknown and newEmail is new too: which address the contact is created under, if at all.',
    choices: ['create-new', 'create-old', 'not-found'],
    default: 'create-new',
  },
  renameRepeated: {
    doc: 'email is unknown and newEmail exists, as after a rename that is sent twice. "update" applies the call to the contact that has newEmail.',
    choices: ['conflict', 'update'],
    default: 'conflict',
  },
  sameTag: {
    doc: 'The same tag in addTags and removeTags: live callers send both to start an automation again.',
    choices: ['remove-then-add', 'add-then-remove'],
    default: 'remove-then-add',
  },
  trackUnknown: {
    doc: 'track for an unknown contact: REST declares 404; of the legacy surface only a body whose status is not "200" is known.',
    choices: ['not-found', 'error-in-200', 'create'],
    default: 'not-found',
  },
  emptyTrack: {
    doc: 'track with nothing to add or remove.',
    choices: ['accept', 'reject'],
    default: 'accept',
  },
  readdFires: {
    doc: 'Whether adding a tag that the contact has fires its automations: callers remove it first, which suggests not.',
    choices: ['no', 'yes'],
    default: 'no',
  },
  identifyFires: {
    doc: 'Whether tags that came with identify fire automations as those of track do.',
    choices: ['yes', 'no'],
    default: 'yes',
  },
  badEmail: {
    doc: 'The status for a malformed address: two SendX pages disagree.',
    choices: ['422', '400'],
    default: '422',
  },
  badJson: {
    doc: 'The status for a body that is not JSON: two SendX pages disagree.',
    choices: ['422', '400'],
    default: '422',
  },
  missingEmail: {
    doc: 'The status where no e-mail is given: 400 is a shared response that identify does not declare.',
    choices: ['400', '422'],
    default: '400',
  },
  contentType: {
    doc: 'A Content-Type that is not JSON: one page says form-encoded, every SDK sends JSON. "any" still expects JSON in the body.',
    choices: ['json-only', 'any'],
    default: 'json-only',
  },
  successStatus: {
    doc: 'The HTTP status of success: 200 in the newest specification, 201 in the one before.',
    choices: ['200', '201'],
    default: '200',
  },
  restData: {
    doc: 'Whether the REST identify answers with the contact: an older specification has it as an option.',
    choices: ['none', 'contact'],
    default: 'none',
  },
  errorStatus: {
    doc: 'The status inside an error body, but for 401: the word "error" or the code as text. Legacy error bodies are nowhere documented.',
    choices: ['word', 'code'],
    default: 'word',
  },
  unauthorisedStatus: {
    doc: 'The status inside the body of a 401: the only published example has a number.',
    choices: ['number', 'word'],
    default: 'number',
  },
  retryAfter: {
    doc: 'Whether a 429 of the rate limit names a Retry-After in seconds: none is documented.',
    choices: ['absent', 'seconds'],
    default: 'absent',
  },
} as const satisfies Record<string, Rule>;

/** The name of a row. */
export type RuleId = keyof typeof RULES;

/** A choice for every row. */
export type Rules = { readonly [Id in RuleId]: (typeof RULES)[Id]['choices'][number] };
