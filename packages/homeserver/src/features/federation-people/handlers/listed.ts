import type { JsonObject } from '@myelin/protocol';
import type { PublicRoomsPage } from '../../directory/index.ts';

/** A page of the directory as it goes over the wire. */
export function listed(page: PublicRoomsPage): Omit<PublicRoomsPage, 'chunk'> & { chunk: JsonObject[] } {
  return { ...page, chunk: page.chunk.map((card) => ({ ...card })) };
}
