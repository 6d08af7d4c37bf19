import { isJsonObject, type JsonObject, type JsonValue } from '@myelin/protocol';
import type { Specification } from '../../specification/index.ts';
import type { RawAnswer, RawCall } from './raw-caller.ts';

/** Fails with what went wrong, if anything, and after what. */
export function expectNone(problems: readonly string[], after: () => unknown): void {
  if (problems.length === 0) return;
  const told = problems.map((problem) => problem.slice(0, 2_000)).join('\n');
  throw new Error(`${told}\nafter: ${JSON.stringify(after())?.slice(0, mostToldOf)}`);
}

/** Of what led to a failure, in UTF-16 units. */
const mostToldOf = 10_000;

/** The longest answer to a request about rooms as small as those of a fuzz, in UTF-16 units. */
const longestText = 20_000_000;

/** What is wrong with an answer to another server. `secret` must not be in it. */
export function problemsOf(specification: Specification, call: RawCall, answer: RawAnswer, secret: string): string[] {
  const { status, contentType, text, body } = answer;
  if (status === 0) return call.cutOff ? [] : ['no answer'];
  const problems: string[] = [];
  // That another server can't be reached is no fault of this one.
  if (status >= 500 && status !== 502 && status !== 504) problems.push(`a fault: ${status}`);
  if (text.includes(secret)) problems.push('it tells what the other server may not know');
  if (text.length > longestText) problems.push(`an answer of ${text.length} characters`);
  if (status >= 400) problems.push(...specification.checkError({ status, contentType, body }));
  const operation = specification.match(call.method, call.target.split('?', 1)[0] as string);
  if (operation && status < 400)
    problems.push(...problemsBesides(specification.checkAnswer(operation, { status, contentType, body })));
  return problems;
}

/** Rooms are encrypted by whatever their state says: the schema of what is told of them knows one way only. */
export function problemsBesides(problems: readonly string[]): string[] {
  return problems
    .map((problem) =>
      problem.replaceAll(/^ *\S*\/encryption must be equal to one of the allowed values\n?/gm, '').trimEnd(),
    )
    .filter((problem) => problem !== '' && !problem.endsWith('breaks the specification:'));
}

/** Events in a value that bear a signature of a server. */
export function* eventsSignedBy(serverName: string, value: JsonValue | undefined): Generator<JsonObject> {
  if (Array.isArray(value)) for (const item of value) yield* eventsSignedBy(serverName, item);
  else if (isJsonObject(value)) {
    const { signatures } = value;
    if (isJsonObject(signatures) && Object.hasOwn(signatures, serverName) && 'sender' in value) yield value;
    for (const item of Object.values(value)) yield* eventsSignedBy(serverName, item);
  }
}
