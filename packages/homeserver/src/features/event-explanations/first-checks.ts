import {
  CanonicalEvent,
  checkEventFormat,
  getOwn,
  isJsonObject,
  requiredSigners,
  verifySignatures,
  type FindVerifyKey,
  type Pdu,
  type RoomVersion,
  type SignatureProblem,
} from '@myelin/protocol';
import type { StoredEvent } from '../events/index.ts';
import type { KeptKeys } from '../server-keys/index.ts';
import type { Check } from './explanation.ts';

const signaturesSection = 'Server-Server API §"Validating hashes and signatures on received events"';

/** The checks that need nothing but the event: format and size, signatures, content hash. */
export async function firstChecks(event: StoredEvent, version: RoomVersion, keys: KeptKeys): Promise<Check[]> {
  const pdu = event.unredactedPdu;
  const canonical = CanonicalEvent.of(pdu, version);
  return [
    format(pdu, version, canonical),
    signatures(pdu, version, canonical, await keysFor(pdu, version, keys)),
    contentHash(pdu, canonical),
  ];
}

function format(pdu: Pdu, version: RoomVersion, canonical: CanonicalEvent): Check {
  const section = `Room Version ${version.id} §"Event format", Client-Server API §"Size limits"`;
  const result = checkEventFormat(pdu, version);
  const bytes = Buffer.byteLength(canonical.textWithoutUnsigned());
  if (result.ok)
    return {
      check: 'format',
      result: 'passed',
      says: `it has the format of the room version, ${bytes} bytes`,
      section,
    };
  const { reason } = result.problem;
  return { check: 'format', result: 'failed', says: `it isn't as events are to be (${bytes} bytes)`, reason, section };
}

async function keysFor(pdu: Pdu, version: RoomVersion, keys: KeptKeys): Promise<FindVerifyKey> {
  const servers = requiredSigners(pdu, version);
  return keys.at(Array.isArray(servers) ? servers : [], Number(pdu.origin_server_ts), version.enforceKeyValidity);
}

function signatures(pdu: Pdu, version: RoomVersion, canonical: CanonicalEvent, find: FindVerifyKey): Check {
  const check = { check: 'signatures', section: signaturesSection } as const;
  const servers = requiredSigners(pdu, version);
  if (!Array.isArray(servers))
    return { ...check, result: 'failed', says: "it can't be told who must have signed it", reason: servers };
  const text = canonical.signableText();
  const problems = servers.map((server) => verifySignatures(text, pdu.signatures, server, find));
  const bad = problems.findIndex((problem) => problem === 'bad-signature' || problem === 'no-signature');
  const unknown = problems.indexOf('no-known-key');
  if (bad >= 0) {
    const reason = problems[bad] as SignatureProblem;
    return { ...check, result: 'failed', says: `the signature of ${servers[bad]} isn't good`, reason };
  }
  if (unknown >= 0) {
    const server = servers[unknown] as string;
    const says = `the key of ${server} that it is signed with (${keyIds(pdu, server)}) isn't kept here, or wasn't valid then`;
    return { ...check, result: 'unknown', says };
  }
  const says = servers.length === 0 ? 'nobody has to have signed it' : `signed by ${servers.join(', ')}`;
  return { ...check, result: 'passed', says };
}

function keyIds(pdu: Pdu, server: string): string {
  const own = getOwn(pdu.signatures, server);
  return isJsonObject(own) ? Object.keys(own).slice(0, 5).join(', ') : 'none';
}

function contentHash(pdu: Pdu, canonical: CanonicalEvent): Check {
  const check = { check: 'content-hash', section: signaturesSection } as const;
  const claimed = getOwn(pdu.hashes, 'sha256');
  if (claimed === canonical.contentHash())
    return { ...check, result: 'passed', says: 'its content is what was hashed' };
  const says = "its content isn't what was hashed: it came changed, or redacted, and is kept in its redacted form";
  return { ...check, result: 'failed', says, reason: 'hash-differs' };
}
