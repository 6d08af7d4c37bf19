import type { Category } from '../category.ts';
import { authTypesVectors } from './auth-types.ts';
import { eventAuthVectors } from './event-auth.ts';
import { stateResolutionVectors } from './state-resolution.ts';
import { filtersVectors } from './filters.ts';
import { historyVisibilityVectors } from './history-visibility.ts';
import { identifiersVectors } from './identifiers.ts';
import { pushRulesVectors } from './push-rules.ts';
import { serverAclVectors } from './server-acl.ts';
import { canonicalJsonVectors } from './canonical-json.ts';
import { eventFormatVectors } from './event-format.ts';
import { hashAndSignVectors } from './hash-and-sign.ts';
import { redactionVectors } from './redaction.ts';

/** The categories of vectors that the runner knows. */
export const categories: readonly Category[] = [
  authTypesVectors,
  canonicalJsonVectors,
  eventFormatVectors,
  eventAuthVectors,
  hashAndSignVectors,
  redactionVectors,
  filtersVectors,
  historyVisibilityVectors,
  identifiersVectors,
  pushRulesVectors,
  serverAclVectors,
  stateResolutionVectors,
];
