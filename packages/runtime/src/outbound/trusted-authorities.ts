import { readFile } from 'node:fs/promises';
import { nodeTls } from './node-tls.ts';

/** Where systems keep the authorities that their administrators trust, all in one file. */
const bundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/**
 * PEM texts of the authorities to trust: those that the system's administrator trusts (the file that SSL_CERT_FILE names,
 * if it does), those that come with Node, and what NODE_EXTRA_CA_CERTS adds.
 */
export async function trustedAuthorities(certFile = process.env['SSL_CERT_FILE']): Promise<string[]> {
  const { rootCertificates, getCACertificates } = nodeTls();
  return [(await ofSystem(certFile)) ?? '', ...rootCertificates, ...getCACertificates('extra')].filter(
    (text) => text !== '',
  );
}

/** Node's own way to them takes 200 ms, in which nothing else is done: it is for systems that have no such file. */
async function ofSystem(certFile: string | undefined): Promise<string | undefined> {
  for (const path of certFile ? [certFile] : bundles) {
    try {
      return await readFile(path, 'utf8');
    } catch {
      // The next one.
    }
  }
  return nodeTls().getCACertificates('system').join('\n');
}
