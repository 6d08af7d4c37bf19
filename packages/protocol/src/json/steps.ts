/**
 * Long work, step by step: whoever does it lets others have the thread in between. A step takes some milliseconds at most.
 * Returns the result.
 */
export type Steps<T> = Generator<undefined, T>;
