import type { IdentifyMessage, Message, RefusalCode, TrackMessage } from '../protocol.ts';
import type { AllowList } from './policy/allowList.ts';
import type { SignatureState } from './policy/signature.ts';

/** What the operator allows visitors to say. */
export interface PolicyRules {
  /** Tags anybody may add or remove. */
  readonly allowedTags: AllowList;
  /** Tags that need a signature, even if `allowedTags` has them too. */
  readonly protectedTags: AllowList;
  /** Custom fields that may be set. */
  readonly allowedFields: AllowList;
  readonly requireSignature: boolean;
  readonly unsignedRename: boolean;
  readonly unsignedIncrements: boolean;
}

/** A message as it may be stored, or why not; `reason` is for people: names, never a value. */
export type Judgement =
  | { readonly message: Message }
  | { readonly code: RefusalCode; readonly reason: string };

/**
 * Judges one message whose signature has been checked. The accepted message has no signature any
 * more, and its tags and fields are spelled as the operator lists them.
 *
 * A rename is proven by the signature of the address it leaves: who may change a contact may also
 * change its address. Nothing proves the new one: it moves the visitor's own contact and no other,
 * since addresses are unique in SendX (its REST API answers 409 "Email already exists").
 */
export type Judge = (message: Message, signature: SignatureState) => Judgement;

/** Creates the {@link Judge} for `rules`. `holdsIncrement` knows SendX's `++5` and `--5`. */
export function createJudge(
  rules: PolicyRules,
  holdsIncrement: (message: Message) => boolean,
): Judge {
  return (message, signature) => {
    if (signature === 'wrong') {
      return refuse('signature_wrong', 'the signature is not that of this e-mail address');
    }
    const signed = signature === 'right';
    if (!signed && rules.requireSignature) {
      return refuse('signature_required', 'every message needs a signature');
    }
    if (!signed && !rules.unsignedRename && isRename(message)) {
      return refuse('signature_required', 'newEmail needs a signature');
    }
    if (!signed && !rules.unsignedIncrements && holdsIncrement(message)) {
      return refuse('signature_required', 'an increment needs a signature');
    }
    return message.type === 'track'
      ? judgeTrack(message, rules, signed)
      : judgeIdentify(message, rules, signed);
  };
}

function judgeTrack(message: TrackMessage, rules: PolicyRules, signed: boolean): Judgement {
  const { signature: _, addTags, removeTags, ...rest } = message;
  const added = judgeTags(addTags, rules, signed);
  if (added !== undefined && 'code' in added) return added;
  const removed = judgeTags(removeTags, rules, signed);
  if (removed !== undefined && 'code' in removed) return removed;
  return {
    message: {
      ...rest,
      ...(added && { addTags: added }),
      ...(removed && { removeTags: removed }),
    },
  };
}

function judgeIdentify(message: IdentifyMessage, rules: PolicyRules, signed: boolean): Judgement {
  const { signature: _, traits, ...rest } = message;
  const { tags, customFields, newEmail, ...plain } = traits;
  const judged = judgeTags(tags, rules, signed);
  if (judged !== undefined && 'code' in judged) return judged;
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(customFields ?? {})) {
    const known = rules.allowedFields.find(name);
    if (known === undefined) {
      return refuse('field_not_allowed', `the custom field “${name}” is not in ALLOWED_FIELDS`);
    }
    fields.set(known, value);
  }
  return {
    message: {
      ...rest,
      traits: {
        ...plain,
        ...(isRename(message) && newEmail !== undefined && { newEmail }),
        ...(customFields && { customFields: Object.fromEntries(fields) }),
        ...(judged && { tags: judged }),
      },
    },
  };
}

function judgeTags(
  tags: readonly string[] | undefined,
  rules: PolicyRules,
  signed: boolean,
): readonly string[] | Refusal | undefined {
  if (tags === undefined) return undefined;
  const spelled = new Set<string>();
  for (const tag of tags) {
    const guarded = rules.protectedTags.find(tag);
    if (guarded !== undefined && !signed) {
      return refuse('signature_required', `the tag “${tag}” needs a signature`);
    }
    const name = guarded ?? rules.allowedTags.find(tag);
    if (name === undefined) {
      return refuse('tag_not_allowed', `the tag “${tag}” is not in ALLOWED_TAGS`);
    }
    spelled.add(name);
  }
  return [...spelled];
}

/** Sites send `newEmail` equal to `email` at sign-up; that renames nothing. */
function isRename(message: Message): boolean {
  if (message.type !== 'identify') return false;
  const { newEmail } = message.traits;
  return newEmail !== undefined && newEmail !== message.email;
}

interface Refusal {
  readonly code: RefusalCode;
  readonly reason: string;
}

const refuse = (code: RefusalCode, reason: string): Refusal => ({ code, reason });
