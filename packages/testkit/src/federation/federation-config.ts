import { createServer } from 'node:net';
import { threadId } from 'node:worker_threads';
import { serverCertificate, testAuthority } from './certificates.ts';

/** Below what systems give to connections that go out: one of those could take the port before it is listened on, or during a restart. */
const ports = { first: 15_000, last: 32_000 };
/** Each thread of tests has ports of its own: what one has found free mustn't be taken by another before it is listened on. */
const portsOfThread = 250;
const shares = (ports.last - ports.first) / portsOfThread;
const firstOfThread = ports.first + ((process.pid * 7 + threadId) % shares) * portsOfThread;
let given = 0;

/** A port of this machine that is free now, and that no other test of this process is given soon. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < portsOfThread; tries++) {
    const port = firstOfThread + (given++ % portsOfThread);
    if (await isFree(port)) return port;
  }
  throw new Error('No port is free');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** How servers of tests speak with each other on this machine: TLS, no address denied, no waiting for the dead. */
export const federationOfTests = {
  tls_certificate_path: serverCertificate.certificate,
  tls_private_key_path: serverCertificate.key,
  federation_custom_ca_list: [testAuthority],
  ip_range_blacklist: [],
  trusted_key_servers: [],
  federation: {
    client_timeout: 10_000,
    max_short_retries: 0,
    max_long_retries: 0,
    destination_min_retry_interval: 100,
  },
};

/** What makes a server of tests one of several: its name and key, and how they speak with each other. */
export function federationConfig(index: number, port: number): Record<string, unknown> {
  return {
    server_name: `localhost:${port}`,
    signing_key: `ed25519 a_${index} ${Buffer.alloc(32, `federation key ${index}`).toString('base64')}`,
    ...federationOfTests,
  };
}

/** The listener that other servers call. */
export function federationListener(port: number): Record<string, unknown> {
  return { type: 'http', port, tls: true, bind_addresses: ['127.0.0.1'], resources: [{ names: ['federation'] }] };
}
