import type { Category } from '../category.ts';
import { canonicalJsonVectors } from './canonical-json.ts';
import { hashAndSignVectors } from './hash-and-sign.ts';
import { redactionVectors } from './redaction.ts';

/** The categories of vectors that the runner knows. */
export const categories: readonly Category[] = [canonicalJsonVectors, hashAndSignVectors, redactionVectors];
