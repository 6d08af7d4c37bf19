/** What an `Authorization: X-Matrix` header says. Server-Server API §"Request Authentication". */
export interface XMatrix {
  readonly origin: string;
  /** Servers older than v1.3 of the specification don't say it. */
  readonly destination: string | undefined;
  /** `ed25519:…` */
  readonly key: string;
  /** Unpadded base64. */
  readonly signature: string;
}

// RFC 9110 §11.4 and §5.6: tokens, and as older servers send them unquoted values with colons, slashes, equals signs.
const scheme = /^X-Matrix +/i;
const parameter = /[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))[ \t]*(?:,|$)/y;

/** Whether a header is meant for us at all. */
export function isXMatrix(header: string): boolean {
  return /^X-Matrix(?: |$)/i.test(header);
}

/** Undefined where the header isn't well-formed, says something twice, or lacks something. */
export function parseXMatrix(header: string): XMatrix | undefined {
  const start = scheme.exec(header)?.[0].length;
  if (start === undefined) return undefined;
  const values = new Map<string, string>();
  let at = start;
  while (at < header.length) {
    parameter.lastIndex = at;
    const match = parameter.exec(header);
    // RFC 9110 §5.6.1: empty elements of a list are passed over.
    if (!match) {
      const empty = /[ \t]*(?:,|$)/y;
      empty.lastIndex = at;
      if (!empty.test(header)) return undefined;
      at = Math.max(empty.lastIndex, at + 1);
      continue;
    }
    const name = (match[1] as string).toLowerCase();
    if (values.has(name)) return undefined;
    values.set(name, match[2] === undefined ? (match[3] as string) : match[2].replaceAll(/\\(.)/g, '$1'));
    at = parameter.lastIndex;
  }
  const [origin, destination, key, signature] = ['origin', 'destination', 'key', 'sig'].map((name) => values.get(name));
  if (!origin || !key || !signature) return undefined;
  return { origin, destination, key, signature };
}
