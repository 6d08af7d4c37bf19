import { readFileSync } from 'node:fs';
import { userAgentOf } from '@myelin/homeserver';
import { loadConfig, options, type Config } from '@myelin/homeserver/config';
import { compileGlob } from '@myelin/protocol';
import { AddressRules, systemClock, systemResolver, trustedAuthorities } from '@myelin/runtime';
import { CliError, exitCode } from '../exit.ts';
import { version } from '../version.ts';
import { inspectServer, type World } from './inspect-server.ts';
import { plainHttp } from './plain-http.ts';

export interface FederationTestOptions {
  readonly configPath?: readonly string[];
}

/** Prints what other servers find, and ends with 1 if they will fail at something. */
export async function federationTest(name: string | undefined, { configPath }: FederationTestOptions): Promise<void> {
  const config = configPath ? loadConfig({ paths: configPath }) : undefined;
  const serverName = name ?? config?.server.name;
  if (serverName === undefined) {
    throw new CliError('say which server: a NAME, or -c and your configuration for your own', exitCode.usage);
  }
  const report = await inspectServer(serverName, await worldOf(config, serverName));
  process.stdout.write(report.toText());
  if (report.problems > 0) throw new CliError(`${serverName} can't be reached as it should be`);
}

/** Which addresses servers with the usual configuration call. */
const usual = new AddressRules(options.get('ip_range_blacklist')?.fallback as string[]);

/** What the configuration has to do with it. */
function notesOn(config: Config, serverName: string): string[] {
  const { server, listeners, federation, outbound } = config;
  const isOwn = serverName === server.name;
  const isServed = listeners.some(({ resources }) => resources.has('federation'));
  return [
    isOwn && !isServed && 'no listener has `federation` among its resources: this server does not answer others',
    !isOwn &&
      federation.domainWhitelist?.has(serverName) === false &&
      'federation_domain_whitelist does not name it: this server does not speak with it',
    outbound.httpsProxy !== undefined && 'the server itself goes through a proxy (https_proxy); this test does not',
  ].filter((note) => note !== false);
}

async function worldOf(config: Config | undefined, serverName: string): Promise<World> {
  const { customCaPaths, certificateVerificationWhitelist = [], verifyCertificates = true } = config?.federation ?? {};
  const authorities = customCaPaths?.map((path) => readFileSync(path, 'utf8')) ?? (await trustedAuthorities());
  const unverified = certificateVerificationWhitelist.map((pattern) => compileGlob(pattern));
  const { federationDeniedRanges = [], federationAllowedRanges = [] } = config?.outbound ?? {};
  const rules = new AddressRules(federationDeniedRanges, federationAllowedRanges);
  return {
    resolver: systemResolver(),
    clock: systemClock,
    authorities,
    verifies: (host) => verifyCertificates && !unverified.some((glob) => glob.matches(host)),
    mayReach: (address) => rules.allows(address),
    isPublic: (address) => usual.allows(address),
    notes: config ? notesOn(config, serverName) : [],
    httpWith: (resolver, verify) => plainHttp(resolver, verify, authorities),
    userAgent: config ? userAgentOf(config) : `Myelin/${version}`,
  };
}
