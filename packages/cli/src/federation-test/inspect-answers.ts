import { checkKeyAnswer, type Place } from '@myelin/homeserver';
import { getOwn, isJsonObject, parseJson, type JsonValue } from '@myelin/protocol';
import type { OutboundHttp, OutboundResponse } from '@myelin/runtime';
import type { Report } from './report.ts';

/** A server at one of its addresses. */
export interface Spot {
  readonly serverName: string;
  readonly place: Place;
  /** Leads to the address. */
  readonly http: OutboundHttp;
}

const patienceMs = 10_000;
const largest = 128 * 1024;
/** Clocks may be apart by so many ms without a word, and without harm. */
const clockNote = 10_000;
const clockWrong = 120_000;

/** Keys, clock and version, as the server itself tells them. */
export async function inspectAnswers(spot: Spot, now: () => number, report: Report, depth: number): Promise<void> {
  await inspectKeys(spot, now, report, depth);
  await inspectVersion(spot, report, depth);
}

async function inspectKeys(spot: Spot, now: () => number, report: Report, depth: number): Promise<void> {
  const before = now();
  const answer = await ask(spot, '/_matrix/key/v2/server', report, depth);
  if (!answer) return;
  inspectClock(answer.headers, (before + now()) / 2, report, depth);
  const { json } = answer;
  const said = isJsonObject(json) ? json['server_name'] : undefined;
  if (said !== spot.serverName) {
    const name = typeof said === 'string' ? said : 'no server at all';
    report.wrong(`the keys are those of ${name}, not of ${spot.serverName}: another server answers here`, depth);
    return;
  }
  const keys = checkKeyAnswer(json, spot.serverName, now());
  if (!keys) {
    report.wrong('what it says of its keys is malformed, or not signed with them', depth);
    return;
  }
  const current = [...keys.keys].filter(([, { isOld }]) => !isOld).map(([keyId]) => keyId);
  const until = new Date(keys.validUntil);
  const time = Number.isNaN(until.getTime()) ? String(keys.validUntil) : until.toISOString();
  if (keys.validUntil < now()) report.wrong(`its keys (${current.join(', ')}) were good until ${time} only`, depth);
  else report.ok(`keys ${current.join(', ')}, signed; good until ${time}`, depth);
}

/** The Date header counts in seconds. RFC 9110 §6.6.1. */
function inspectClock(headers: OutboundResponse['headers'], here: number, report: Report, depth: number): void {
  const there = Date.parse(headers['date'] ?? '');
  if (Number.isNaN(there)) return report.note('it does not say what time it is there', depth);
  const ahead = there + 500 - here;
  const seconds = Math.round(Math.abs(ahead) / 1000);
  const sentence = `its clock is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} this machine's`;
  if (Math.abs(ahead) > clockWrong) report.wrong(`${sentence}: one of them is wrong`, depth);
  else if (Math.abs(ahead) > clockNote) report.note(sentence, depth);
  else report.ok("its clock is as this machine's", depth);
}

async function inspectVersion(spot: Spot, report: Report, depth: number): Promise<void> {
  const answer = await ask(spot, '/_matrix/federation/v1/version', report, depth);
  if (!answer) return;
  const server = isJsonObject(answer.json) ? getOwn(answer.json, 'server') : undefined;
  const [name, version] = isJsonObject(server) ? [server['name'], server['version']] : [];
  if (typeof name === 'string')
    report.ok(`runs ${name} ${typeof version === 'string' ? version : ''}`.trimEnd(), depth);
  else report.note('it does not say what it runs', depth);
}

/** What is mostly the matter. */
function hint(status: number): string {
  if (status >= 502 && status <= 504) return 'what stands before the server (a reverse proxy) does not reach it';
  if (status === 404) return 'does what stands before the server (a reverse proxy) pass /_matrix on?';
  if (status >= 300 && status < 400) return 'other servers do not follow redirects here';
  if (status === 401 || status === 403) return 'this must be open to everybody';
  return 'it must be 200';
}

async function ask(
  { place, http }: Spot,
  path: string,
  report: Report,
  depth: number,
): Promise<{ json: JsonValue; headers: OutboundResponse['headers'] } | undefined> {
  try {
    const host = place.host.includes(':') ? `[${place.host}]` : place.host;
    const response = await http.request({
      url: `https://${host}:${place.port}`,
      path,
      method: 'GET',
      headers: { host: place.hostHeader },
      tlsName: place.tlsName,
      timeoutMs: patienceMs,
      longestMs: 2 * patienceMs,
    });
    if (response.status !== 200) {
      response.cancel();
      report.wrong(`${path} is answered with status ${response.status}: ${hint(response.status)}`, depth);
      return undefined;
    }
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of response.body) {
      size += piece.length;
      if (size > largest) break;
      pieces.push(piece);
    }
    const parsed = parseJson(Buffer.concat(pieces));
    if (parsed.ok && size <= largest) return { json: parsed.value, headers: response.headers };
    report.wrong(`${path} is answered with what isn't JSON`, depth);
  } catch (error) {
    report.wrong(`${path} is not answered: ${(error as Error).message}`, depth);
  }
  return undefined;
}
