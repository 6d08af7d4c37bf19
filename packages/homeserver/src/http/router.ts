import { MatrixError } from '@myelin/api';

/** What can follow the segments so far. */
interface Node<Target> {
  readonly fixed: Map<string, Node<Target>>;
  /** What follows where this segment is a parameter. */
  any: Node<Target> | undefined;
  /** What ends here, by method. */
  readonly ends: Map<string, End<Target>>;
}

interface End<Target> {
  readonly target: Target;
  /** Names of the parameters, in the order of the path. */
  readonly names: readonly string[];
}

export interface Found<Target> {
  readonly target: Target;
  readonly params: Record<string, string>;
}

/** Longest value of a parameter, in characters as sent. */
const longestParameter = 2048;
/** More segments than any path has. */
const mostSegments = 64;

/**
 * Finds what serves a path such as `/rooms/:roomId/state/:eventType/:stateKey`. A fixed segment goes before a parameter;
 * a parameter may be empty, and holds one segment, percent-decoded. Fastify's own router makes functions of its routes,
 * which costs a fifth of a start of this server, with its hundreds of paths.
 */
export class Router<Target> {
  readonly #root: Node<Target> = newNode();

  add(method: string, path: string, target: Target): void {
    const names: string[] = [];
    let node = this.#root;
    for (const segment of path.slice(1).split('/')) {
      if (segment.startsWith(':')) {
        names.push(segment.slice(1));
        node = node.any ??= newNode();
      } else {
        let next = node.fixed.get(segment);
        if (next === undefined) node.fixed.set(segment, (next = newNode()));
        node = next;
      }
    }
    if (node.ends.has(method)) throw new Error(`Two routes serve ${method} ${path}`);
    node.ends.set(method, { target, names });
  }

  /** `path` as received, without its query. Throws M_UNKNOWN where it isn't percent-encoded. */
  find(method: string, path: string): Found<Target> | undefined {
    const values: string[] = [];
    const node = this.#match(path, method, values);
    const end = node?.ends.get(method);
    if (end === undefined) return undefined;
    const params: Record<string, string> = {};
    for (const [i, name] of end.names.entries()) params[name] = decode(values[i] as string);
    return { target: end.target, params };
  }

  /** Whether anything is served there, with whatever method. */
  knows(path: string): boolean {
    return this.#match(path, undefined, []) !== undefined;
  }

  #match(path: string, method: string | undefined, values: string[]): Node<Target> | undefined {
    const segments = path.slice(1).split('/', mostSegments + 1);
    return !path.startsWith('/') || segments.length > mostSegments
      ? undefined
      : matchFrom(this.#root, segments, 0, method, values);
  }
}

function newNode<Target>(): Node<Target> {
  return { fixed: new Map(), any: undefined, ends: new Map() };
}

/** The node where the segments from `at` on lead to; `values` holds those of parameters, as sent. */
function matchFrom<Target>(
  node: Node<Target>,
  segments: readonly string[],
  at: number,
  method: string | undefined,
  values: string[],
): Node<Target> | undefined {
  const segment = segments[at];
  if (segment === undefined)
    return (method === undefined ? node.ends.size > 0 : node.ends.has(method)) ? node : undefined;
  const fixed = node.fixed.get(segment) ?? (segment.includes('%') ? node.fixed.get(decode(segment)) : undefined);
  const found = fixed && matchFrom(fixed, segments, at + 1, method, values);
  if (found || node.any === undefined || segment.length > longestParameter) return found;
  const before = values.length;
  values.push(segment);
  const under = matchFrom(node.any, segments, at + 1, method, values);
  if (!under) values.length = before;
  return under;
}

function decode(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new MatrixError('M_UNKNOWN', 'The path is not percent-encoded', { status: 400 });
  }
}
