import type { JsonObject } from '@myelin/protocol';

/** Takes the content of an EDU of one type. `origin` is the server that sent it, by its signature. */
export type EduHandler = (origin: string, content: JsonObject) => Promise<void>;

/** Who takes which EDUs. Each handler checks what the content holds, and that it speaks of the origin's own users. */
export class EduHandlers {
  readonly #handlers = new Map<string, EduHandler>();

  on(type: string, handler: EduHandler): void {
    if (this.#handlers.has(type)) throw new Error(`EDUs of type ${type} have a handler already`);
    this.#handlers.set(type, handler);
  }

  get(type: string): EduHandler | undefined {
    return this.#handlers.get(type);
  }
}
