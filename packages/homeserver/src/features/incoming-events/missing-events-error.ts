import { MatrixError } from '@myelin/api';

/** An event can't be placed: others that it rests on aren't here, and the server that sent it doesn't tell them. */
export class MissingEventsError extends MatrixError {
  constructor(message: string) {
    super('M_FORBIDDEN', message);
  }
}
