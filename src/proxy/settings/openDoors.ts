import { isLoopback } from '../http/loopback.ts';
import type { Settings } from '../settings.ts';

/** What the policy leaves open, in one line for the log at boot. */
export function describeOpenDoors(settings: Settings): string {
  const beyond = [
    ...(settings.rateIp === 0 ? ['no limit per address'] : []),
    ...(settings.rateContact === 0 ? ['no limit per contact'] : []),
    ...(isLoopback(settings.adminHost) ? [] : [`the admin port to ${settings.adminHost}`]),
  ];
  if (settings.requireSignature) return ['nothing without a signature', ...beyond].join(', ');
  const doors = [
    `tags ${settings.allowedTags.join(' ')}`,
    `fields ${settings.allowedFields.join(' ') || 'none'}`,
    ...(settings.unsignedRename ? ['renaming any contact'] : []),
    ...(settings.unsignedIncrements ? ['increments'] : []),
    ...beyond,
  ];
  return doors.join(', ');
}
