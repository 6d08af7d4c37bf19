import type { Category } from '../category.ts';

/** The categories of vectors that the runner knows. */
export const categories: readonly Category[] = [];
