import type { Specification } from '../specification/index.ts';

/**
 * A fetch that checks every answer against the specification, for clients that bring their own calls. What is wrong
 * is put into `problems`.
 */
export function checkedFetch(specification: Specification, problems: string[]): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await globalThis.fetch(input, init);
    const url = new URL(input instanceof Request ? input.url : String(input));
    const method = init?.method ?? 'GET';
    const operation = specification.match(method, url.pathname);
    const contentType = response.headers.get('content-type') ?? undefined;
    const text = await response.clone().text();
    const body: unknown = contentType?.startsWith('application/json') ? JSON.parse(text) : undefined;
    const answer = { status: response.status, contentType, body };
    const found = operation
      ? specification.checkAnswer(operation, answer)
      : response.ok
        ? []
        : specification.checkError(answer);
    if ((body as { errcode?: string } | undefined)?.errcode === 'M_UNRECOGNIZED') return response;
    for (const problem of found)
      problems.push(`${method} ${url.pathname} (${response.status}): ${problem}: ${text.slice(0, 300)}`);
    return response;
  };
}
