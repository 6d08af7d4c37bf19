import type { SpaceChild } from './room-facts.ts';

/** Client-Server API §"Ordering of children within a space". */
const validOrder = /^[\x20-\x7e]{1,50}$/;

/** The children of a space in the order in which they are shown. */
export function inOrder(children: readonly SpaceChild[]): SpaceChild[] {
  return children.toSorted(compare);
}

function compare(a: SpaceChild, b: SpaceChild): number {
  const [orderOfA, orderOfB] = [orderOf(a), orderOf(b)];
  if (orderOfA !== orderOfB) {
    if (orderOfA === undefined) return 1;
    if (orderOfB === undefined) return -1;
    return orderOfA < orderOfB ? -1 : 1;
  }
  return (
    a.origin_server_ts - b.origin_server_ts || (a.state_key < b.state_key ? -1 : a.state_key > b.state_key ? 1 : 0)
  );
}

function orderOf({ content }: SpaceChild): string | undefined {
  const { order } = content;
  return typeof order === 'string' && validOrder.test(order) ? order : undefined;
}

/** Whether a child counts: one without servers was taken out of the space. */
export function isChild(content: Readonly<Record<string, unknown>>): boolean {
  return viaOf(content).length > 0;
}

export function isSuggested({ content }: SpaceChild): boolean {
  return content['suggested'] === true;
}

/** Servers by which a child can be joined. */
export function viaOf(content: Readonly<Record<string, unknown>>): string[] {
  const { via } = content;
  return Array.isArray(via) ? via.filter((server): server is string => typeof server === 'string') : [];
}
