import type { Rules } from './rules.ts';

/** One tag named by a call. */
export interface TagEffect {
  readonly kind: 'added' | 'removed';
  readonly tag: string;
  /** Whether the contact is different for it; only then has anything happened. */
  readonly changed: boolean;
}

/** A set of tags and how it came about. */
export interface Tagging {
  readonly tags: readonly string[];
  readonly effects: readonly TagEffect[];
}

/** What one call wants. */
export interface TagRequest {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

type Step = (tagging: Tagging, tag: string) => Tagging;

/**
 * Applies a call's tags. Tags are a set that keeps its order; adding what is there and removing
 * what is not are effects that changed nothing.
 *
 * @param current - The contact's tags.
 * @param request - Names, trimmed.
 * @param rules - The rules in force.
 */
export function applyTags(current: readonly string[], request: TagRequest, rules: Rules): Tagging {
  const same = (left: string, right: string) =>
    left === right ||
    (rules.nameCase === 'insensitive' && left.toLowerCase() === right.toLowerCase());

  const remove: Step = ({ tags, effects }, tag) => {
    const kept = tags.filter((other) => !same(other, tag));
    const changed = kept.length < tags.length;
    return { tags: kept, effects: [...effects, { kind: 'removed', tag, changed }] };
  };
  const add: Step = ({ tags, effects }, tag) => {
    const changed = !tags.some((other) => same(other, tag));
    const next = changed ? [...tags, tag] : tags;
    return { tags: next, effects: [...effects, { kind: 'added', tag, changed }] };
  };

  const start: Tagging = { tags: current, effects: [] };
  return rules.sameTag === 'remove-then-add'
    ? request.add.reduce(add, request.remove.reduce(remove, start))
    : request.remove.reduce(remove, request.add.reduce(add, start));
}
