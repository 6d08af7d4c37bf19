import { MatrixError } from '@myelin/api';
import { isPushRuleKind, type PushRuleKind } from '@myelin/protocol';

/** Throws M_NOT_FOUND for a kind that there are no rules of. */
export function knownKind(kind: string): PushRuleKind {
  if (!isPushRuleKind(kind)) throw new MatrixError('M_NOT_FOUND', 'There are no push rules of this kind');
  return kind;
}
