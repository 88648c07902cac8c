import type { PolicyRules } from '../policy.ts';
import type { Settings } from '../settings.ts';
import { createAllowList } from './allowList.ts';

/** The settings that the policy goes by. */
export type PolicySettings = Pick<
  Settings,
  | 'allowedTags'
  | 'protectedTags'
  | 'allowedFields'
  | 'requireSignature'
  | 'unsignedRename'
  | 'unsignedIncrements'
>;

/** The operator's rules as the settings have them. */
export const policyRules = (settings: PolicySettings): PolicyRules => ({
  allowedTags: createAllowList(settings.allowedTags),
  protectedTags: createAllowList(settings.protectedTags),
  allowedFields: createAllowList(settings.allowedFields),
  requireSignature: settings.requireSignature,
  unsignedRename: settings.unsignedRename,
  unsignedIncrements: settings.unsignedIncrements,
});
