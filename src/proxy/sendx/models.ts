/** A contact as `identify` takes it. An absent property leaves what SendX has. */
export interface IdentifyContact {
  /** Selects the contact; created if SendX has none. At most 255 characters. */
  readonly email: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly company?: string;
  /** `YYYY-MM-DD`. */
  readonly birthday?: string;
  /** Renames the contact from {@link email}. */
  readonly newEmail?: string;
  /** By name. `"++5"` and `"--5"` add to and subtract from a field of type number. */
  readonly customFields?: Readonly<Record<string, string>>;
  /** Names; united with the tags that the contact has, created where SendX knows none. */
  readonly tags?: readonly string[];
  /** List ids. REST only: the legacy surface has no such property, so it is not sent there. */
  readonly lists?: readonly string[];
}

/** A change of tags as `track` takes it, by name. */
export interface TagChange {
  readonly addTags?: readonly string[];
  readonly removeTags?: readonly string[];
}

/** Body of `POST /contact/identify`, legacy surface (ContactRequest). */
export type LegacyIdentifyRequest = Omit<IdentifyContact, 'lists'>;

/** Body of `POST /contact/identify`, REST surface. */
export type RestIdentifyRequest = IdentifyContact;

/** Body of `POST /contact/track`, legacy surface (TrackRequest): the e-mail is in the query. */
export type LegacyTrackRequest = TagChange;

/** Body of `POST /contact/track`, REST surface. */
export interface RestTrackRequest extends TagChange {
  readonly email: string;
}

/**
 * A contact as SendX answers it. The legacy surface sends the first block, one published version of
 * the REST surface the first and the second, another none at all: every property may be absent.
 */
export interface SendxContact {
  /** 22 base-62 characters. Legacy surface. */
  readonly encryptedTeamId?: string;
  /** 22 base-62 characters; kept through a rename. Legacy surface. */
  readonly encryptedId?: string;
  readonly email?: string;
  /** `""` where SendX has none, as in the properties after it. */
  readonly firstName?: string;
  readonly lastName?: string;
  readonly company?: string;
  /** `YYYY-MM-DD`. */
  readonly birthday?: string;
  /** Names on the legacy surface, ids on the REST surface; in no particular order. */
  readonly tags?: readonly string[];
  /** By name on the legacy surface, by id on the REST surface. */
  readonly customFields?: Readonly<Record<string, string>>;

  readonly id?: string;
  /** ISO 8601. */
  readonly created?: string;
  /** ISO 8601. */
  readonly updated?: string;
  readonly lastTrackedIp?: string;
  readonly lists?: readonly string[];
  readonly unsubscribed?: boolean;
  readonly bounced?: boolean;
  readonly spam?: boolean;
  readonly blocked?: boolean;
  readonly dropped?: boolean;
  /** Lifetime value, in currency units or cents: SendX's own pages disagree. */
  readonly LTV?: number;
  /** 0 to 19: where the contact came from. */
  readonly contactSource?: number;
}

/** What every answer carries. `status` is `"200"`, and in errors `"error"` or a number. */
export interface SendxResponse {
  readonly status?: string | number;
  readonly message?: string;
}

/** Answer to `identify`, both surfaces. */
export interface IdentifyResponse extends SendxResponse {
  readonly data?: SendxContact;
}

/** Answer to `track`, both surfaces; the legacy one adds `data: "success"`. */
export interface TrackResponse extends SendxResponse {
  readonly data?: string;
}
