/** A call of the random histories, as it goes over the wire. */
export type WireCall =
  | { readonly type: 'identify'; readonly body: IdentifyBody }
  | { readonly type: 'track'; readonly email: string; readonly body: TrackBody };

export interface IdentifyBody {
  readonly email: string;
  readonly newEmail?: string;
  readonly firstName?: string;
  readonly tags?: readonly string[];
  readonly customFields?: Readonly<Record<string, string>>;
}

export interface TrackBody {
  readonly addTags?: readonly string[];
  readonly removeTags?: readonly string[];
}

/** What the model believes of a person. Numbers are hundredths, so that sums are whole. */
interface Person {
  email: string;
  firstName: string;
  readonly tags: Set<string>;
  readonly fields: Map<string, string | number>;
}

/** A model of SendX so small that it can be checked by reading section 4 of the documents. */
export interface Model {
  readonly people: Person[];
  /** `email +tag` and `email -tag`, for each tag that came or went. */
  readonly events: string[];
  /** The HTTP status that SendX would answer. */
  apply(call: WireCall): number;
}

const hundredths = (value: string) => Math.round(Number(value) * 100);

/** A model with nobody in it. */
export function createModel(): Model {
  const people: Person[] = [];
  const events: string[] = [];
  const numeric = new Map<string, boolean>();
  const find = (email: string) =>
    people.find((person) => person.email.toLowerCase() === email.toLowerCase());

  function add(person: Person, tag: string): void {
    if (person.tags.has(tag)) return;
    person.tags.add(tag);
    events.push(`${person.email} +${tag}`);
  }

  function remove(person: Person, tag: string): void {
    if (person.tags.delete(tag)) events.push(`${person.email} -${tag}`);
  }

  function set(person: Person, name: string, sent: string): void {
    const step = sent.startsWith('++') ? 1 : sent.startsWith('--') ? -1 : undefined;
    if (!numeric.has(name)) numeric.set(name, step !== undefined);
    if (step === undefined || !numeric.get(name)) {
      person.fields.set(name, sent);
      return;
    }
    const amount = hundredths(sent.slice(2));
    const stored = person.fields.get(name);
    const now = typeof stored === 'string' ? hundredths(stored) : stored;
    person.fields.set(name, now === undefined ? amount : now + step * amount);
  }

  function identify(body: IdentifyBody): number {
    const known = find(body.email);
    const target = body.newEmail ?? body.email;
    const renames = target.toLowerCase() !== body.email.toLowerCase();
    if (renames && find(target)) return 409;
    const person = known ?? { email: target, firstName: '', tags: new Set(), fields: new Map() };
    if (!known) people.push(person);
    if (renames) person.email = target;
    if (!renames && !known) person.email = body.email;
    if (body.firstName) person.firstName = body.firstName;
    for (const tag of body.tags ?? []) add(person, tag);
    for (const [name, value] of Object.entries(body.customFields ?? {})) set(person, name, value);
    return 200;
  }

  function track(email: string, body: TrackBody): number {
    const person = find(email);
    if (!person) return 404;
    for (const tag of body.removeTags ?? []) remove(person, tag);
    for (const tag of body.addTags ?? []) add(person, tag);
    return 200;
  }

  return {
    people,
    events,
    apply: (call) =>
      call.type === 'identify' ? identify(call.body) : track(call.email, call.body),
  };
}
