import { MatrixError } from '@myelin/api';
import type { StoredEvent } from '../../events/index.ts';
import type { JudgedEvent } from './judged-event.ts';

/** An event is stored by itself at most once, so the second attempt has its number. */
const mostAttempts = 3;

/** Another task, such as one that finds a room's members out, has stored the event by itself since it was judged: it has another number. */
class CameAnotherWayError extends MatrixError {
  constructor() {
    super('M_LIMIT_EXCEEDED', 'The event came several ways at once; try again');
  }
}

/** `since`: the event as it is here now. Throws if it was judged under another number. */
export function checkNumber(since: StoredEvent | undefined, { nid }: Pick<JudgedEvent, 'nid'>): void {
  if (since && since.nid !== nid) throw new CameAnotherWayError();
}

/** Judges an event and writes it, both anew where it came another way in between. */
export async function judgedAndWritten<T>(
  judge: () => Promise<JudgedEvent>,
  write: (judged: JudgedEvent) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const judged = await judge();
    try {
      return await write(judged);
    } catch (error) {
      if (!(error instanceof CameAnotherWayError) || attempt === mostAttempts) throw error;
    }
  }
}
