import { afterAll, afterEach, beforeEach } from 'vitest';

interface Stoppable {
  stop(): Promise<void>;
}

/**
 * Has what is given to it stopped: what comes from `beforeAll` after the file's tests, what comes from a test after that
 * test. Call it inside of `describe`.
 */
export function stoppedAfterwards(): (started: readonly Stoppable[]) => void {
  const ofFile: Stoppable[] = [];
  let ofTest: Stoppable[] | undefined;
  beforeEach(() => {
    ofTest = [];
  });
  afterEach(async () => {
    const started = ofTest ?? [];
    ofTest = undefined;
    await Promise.all(started.map((each) => each.stop()));
  });
  afterAll(async () => {
    await Promise.all(ofFile.map((each) => each.stop()));
  });
  return (started) => void (ofTest ?? ofFile).push(...started);
}
