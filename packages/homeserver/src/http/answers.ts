import type { Readable } from 'node:stream';
import type { Pour } from './pour.ts';

/** An answer other than "200 with this object". */
export class Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * `text`: JSON already; `object`: to be printed; `bytes`: sent as they are with the content type in `headers`
   * (undefined: an answer without a body, such as a 304); `pour`: the same piece by piece, for large ones, since streams
   * take new memory for each piece. Its `headers` name the content type, and the length if it is known.
   */
  readonly payload:
    | { readonly text: string }
    | { readonly object: unknown }
    | { readonly bytes: Uint8Array | Readable | string | undefined }
    | { readonly pour: Pour };

  constructor(status: number, payload: Answer['payload'], headers: Readonly<Record<string, string>> = {}) {
    this.status = status;
    this.payload = payload;
    this.headers = headers;
  }
}

/** A JSON answer with another status or more headers. */
export function answer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return new Answer(status, { object: body }, headers);
}

/** A 200 whose JSON text has been put together already. */
export function rawJson(text: string): Answer {
  return new Answer(200, { text });
}

/** As `rawJson`, of a text that is made while it is sent. What goes wrong then breaks the answer off. */
export function pouredJson(pieces: AsyncIterable<string>): Answer {
  const pour: Pour = async (write) => {
    for await (const piece of pieces) if (!(await write(Buffer.from(piece)))) return;
  };
  return new Answer(200, { pour }, { 'content-type': 'application/json' });
}

/** An answer that isn't JSON; `headers` names its content type. */
export function bytes(
  payload: Uint8Array | Readable | string,
  headers: Readonly<Record<string, string>>,
  status = 200,
): Answer {
  return new Answer(status, { bytes: payload }, headers);
}
