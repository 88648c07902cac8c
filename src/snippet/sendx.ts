import type { RefusalCode } from '../protocol.ts';
import type { ConsentState } from './consent.ts';
import type { DropReason, ErrorReason, EventName, SendxEvent } from './events.ts';
import type { Options } from './options.ts';

declare global {
  /**
   * The site's custom fields and what each may be; empty, any field may be anything. Merge yours
   * in, in any file of declarations:
   *
   * @example
   * interface SendxCustomFields { Plan: 'Free' | 'Pro'; Seats: number }
   */
  interface SendxCustomFields {}

  /**
   * The site's tags, as keys; empty, any tag will do. A pattern is a key too.
   *
   * @example
   * interface SendxTags { newsletter: true; [viewed: `viewed-${string}`]: true }
   */
  interface SendxTags {}

  interface Window {
    /** There as soon as the stub or the script is. */
    sendx: Sendx;
  }

  /** `window.sendx`, as pages call it. */
  var sendx: Sendx;
}

/** Pages often do not know: `null` counts as absent, as the empty text does. */
type Maybe<Value> = Value | null | undefined;

/** A tag that the site knows. */
export type Tag = keyof SendxTags extends never ? string : keyof SendxTags & string;

/** One tag or several; where the site declares none of its own, also one text with commas. */
export type Tags = Tag | readonly Tag[];

/** Adds to a number, or subtracts from it. */
export type Increment = `++${number}` | `--${number}`;

/** What a custom field may be. */
export type FieldValue = Maybe<string | number | boolean>;

/** Custom fields by name. */
export type CustomFields = keyof SendxCustomFields extends never
  ? Readonly<Record<string, FieldValue>>
  : {
      readonly [Name in keyof SendxCustomFields]?: Maybe<
        SendxCustomFields[Name] | (SendxCustomFields[Name] extends number ? Increment : never)
      >;
    };

/** What becomes of one call. Neither function is sent anywhere. */
export interface Callbacks {
  /** The proxy has it, for good. */
  readonly success?: ((event: EventOf<'accepted'>) => void) | undefined;
  /** It was refused, or given up. */
  readonly failure?: ((event: EventOf<'refused' | 'dropped'>) => void) | undefined;
}

/** Who a call is about. */
export interface Addressee {
  /** The contact's address. Once the visitor is known it may be left out. */
  readonly email?: Maybe<string>;
  /** Hex of HMAC-SHA256(secret, lower-cased e-mail), made by the site's server. */
  readonly signature?: Maybe<string>;
}

/** What an identify says of a contact; what is absent stays as it is. */
export interface IdentifyPayload extends Addressee, Callbacks {
  /** Given name. */
  readonly firstName?: Maybe<string>;
  /** Family name. */
  readonly lastName?: Maybe<string>;
  /** Employer. */
  readonly company?: Maybe<string>;
  /** `YYYY-MM-DD`. */
  readonly birthday?: Maybe<string>;
  /** Renames the contact, and is who the visitor is from then on. */
  readonly newEmail?: Maybe<string>;
  /** Fields of your own by name, created as needed. `'++5'` and `'--5'` change a number. */
  readonly customFields?: Maybe<CustomFields>;
  /** Added to the tags that the contact has: a list, or a text; a comma ends a tag. */
  readonly tags?: Maybe<Tags>;
}

/** Tags to add to a contact, to remove, or both. */
export type TrackPayload = Addressee &
  Callbacks &
  (
    | {
        /** Tags that the contact gets, as in an identify. */
        readonly addTags: Tags;
        readonly removeTags?: Maybe<Tags>;
      }
    | {
        readonly addTags?: Maybe<Tags>;
        /** Tags that the contact loses; removal comes first. */
        readonly removeTags: Tags;
      }
  );

/** Which reasons an event has. */
interface Reasons {
  readonly accepted: 'duplicate' | undefined;
  readonly refused: RefusalCode;
  readonly dropped: DropReason;
  readonly error: ErrorReason;
}

/** An event of one name, or of any of several: `event` tells them apart. */
export type EventOf<Name extends EventName> = Name extends EventName
  ? Omit<SendxEvent, 'event' | 'reason'> & {
      readonly event: Name;
      readonly reason?: Name extends keyof Reasons ? Reasons[Name] : undefined;
    }
  : never;

/** What each command takes. */
export interface Commands {
  /** Creates or updates the contact, and remembers who the visitor is. */
  readonly identify: [payload: IdentifyPayload];
  /** Changes the contact's tags. Before any identify it waits, and follows the first one. */
  readonly track: [payload: TrackPayload];
  /**
   * `'granted'`: what waited is sent. `'denied'`: everything is erased. Both are remembered.
   * `'pending'`: on this page calls wait in memory, nothing is stored or sent.
   */
  readonly consent: [choice: ConsentState];
  /**
   * Forgets the visitor, as on a shared computer. What the visitor said is still delivered; what
   * waits for an identify is given up.
   */
  readonly reset: [];
  /** Sends what waits, now. */
  readonly flush: [];
  /** Changes options, where the script tag with its `data-*` attributes is not yours. */
  readonly config: [options: Options];
  /** Identifies by a form that `form.submit()` is about to send: that makes no event. */
  readonly form: [form: HTMLFormElement];
}

/** `window.sendx`. No call throws, returns anything, or waits for anything. */
export interface Sendx {
  /** Tells what becomes of calls from now on; `*` is every event. */
  <Name extends EventName | '*'>(
    command: 'on',
    event: Name,
    listener: (event: EventOf<Name extends EventName ? Name : EventName>) => void,
  ): void;
  // Last, and one for all: the compiler explains a wrong call by the last overload.
  /** Says something of the visitor, or to the script: see {@link Commands}. */
  <Name extends keyof Commands>(command: Name, ...rest: Commands[Name]): void;
}
