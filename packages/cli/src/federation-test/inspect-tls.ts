import { connect as connectTcp, isIP } from 'node:net';
import { checkServerIdentity, connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import type { Report } from './report.ts';

export interface TlsTarget {
  readonly address: string;
  readonly port: number;
  /** What the certificate must be for. */
  readonly name: string;
  /** PEM texts of the authorities to trust. */
  readonly authorities: readonly string[];
  /** False: the configuration says that certificates don't matter. */
  readonly verify: boolean;
}

const patienceMs = 10_000;
const silence = 'nobody answered in time: a firewall may drop what comes to this port';
const dayMs = 86_400_000;
/** So many days before a certificate ends it is time to say so. */
const soonDays = 14;

/** What became of trying to speak TLS: `untrusted` goes on without trust, `closed` doesn't go on. */
export type TlsOutcome = 'good' | 'untrusted' | 'closed';

/** Connects to one address, and says what its certificate is worth. */
export async function inspectTls(target: TlsTarget, now: number, report: Report, depth: number): Promise<TlsOutcome> {
  let socket: TLSSocket;
  try {
    socket = await handshake(target);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    // A machine without IPv6 can't tell how it is for others.
    if (['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL'].includes(code) && target.address.includes(':')) {
      report.note('this machine has no way to IPv6 addresses; it was not tried', depth);
    } else report.wrong(`no TLS connection: ${reasonOf(code, message)}`, depth);
    return 'closed';
  }
  try {
    return describe(socket, target, now, report, depth);
  } finally {
    socket.destroy();
  }
}

function describe(socket: TLSSocket, target: TlsTarget, now: number, report: Report, depth: number): TlsOutcome {
  const certificate = socket.getPeerCertificate(true);
  const chain = issuersOf(certificate);
  const names = certificate.subjectaltname?.replaceAll(/(DNS|IP Address):/g, '') ?? 'no name';
  const says = report.ok.bind(report);
  says(`${socket.getProtocol() ?? 'TLS'}; certificate for ${names}, by ${chain.join(', by ')}`, depth);
  const problems: string[] = [];
  const nameProblem = checkServerIdentity(target.name, certificate);
  if (nameProblem) problems.push(`the certificate is not for ${target.name}`);
  const ends = Date.parse(certificate.valid_to);
  const begins = Date.parse(certificate.valid_from);
  if (ends < now) problems.push(`the certificate ended on ${dateOf(ends)}`);
  else if (begins > now) problems.push(`the certificate begins on ${dateOf(begins)}`);
  else if (!socket.authorized && !nameProblem) {
    problems.push(`the certificate is not trusted: ${trustProblem(String(socket.authorizationError ?? ''))}`);
  }
  if (problems.length === 0) {
    const days = Math.floor((ends - now) / dayMs);
    const sentence = `the certificate is good until ${dateOf(ends)} (${days} days)`;
    if (days < soonDays) report.note(`${sentence}: renew it`, depth);
    else says(sentence, depth);
    return 'good';
  }
  for (const problem of problems) {
    if (target.verify) report.wrong(problem, depth);
    else report.note(`${problem}; the configuration says that it does not matter`, depth);
  }
  return 'untrusted';
}

function handshake({ address, port, name, authorities }: TlsTarget): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      socket: connectTcp({ host: address, port }),
      servername: isIP(name) === 0 ? name : '',
      ca: [...authorities],
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
    });
    const timer = setTimeout(() => socket.destroy(new Error(silence)), patienceMs);
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

/** Who signed, up to the root. */
function issuersOf(certificate: DetailedPeerCertificate): string[] {
  const names: string[] = [];
  let at: DetailedPeerCertificate | undefined = certificate;
  for (let i = 0; at && i < 10; i++) {
    const { issuer } = at;
    const name: unknown = issuer?.CN ?? issuer?.O;
    names.push(String(Array.isArray(name) ? name[0] : (name ?? 'nobody')));
    const next: DetailedPeerCertificate | undefined = at.issuerCertificate;
    at = next === at ? undefined : next;
    if (at && at.fingerprint256 === at.issuerCertificate?.fingerprint256) break;
  }
  return names;
}

function reasonOf(code: string, message: string): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'nobody listens there';
    case 'ETIMEDOUT':
      return silence;
    case 'ECONNRESET':
      return 'the other side hung up';
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
      return 'what listens there does not speak TLS 1.2 or later';
    default:
      return message;
  }
}

function trustProblem(code: string): string {
  switch (code) {
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return 'it is signed by itself';
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return 'its authority is not one that this machine trusts';
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return 'the certificates between it and its authority are missing, or nobody knows the authority';
    default:
      return code;
  }
}

function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
