import { parseServerName, roomVersion, roomVersions } from '@myelin/protocol';
import type { Mapping, Values } from '../values.ts';
import { optionalPath, type Context } from './context.ts';

export interface ServerConfig {
  readonly name: string;
  /** Where clients reach this server; ends with a slash. `https://NAME/` if it isn't given. */
  readonly publicBaseUrl: string;
  /** Whether the client well-known is served (also in login answers): only if public_baseurl is given. */
  readonly serveClientWellKnown: boolean;
  readonly serveServerWellKnown: boolean;
  readonly extraWellKnownClientContent: Mapping;
  readonly defaultIdentityServer: string | undefined;
  /** Where `/` sends browsers; undefined: the status page. */
  readonly webClientLocation: string | undefined;
  readonly pidFile: string | undefined;
  readonly daemonize: boolean;
  readonly printPidFile: boolean;
  readonly softFileLimit: number;
  readonly defaultRoomVersion: string;
  /** At most so many events in an answer to /sync and /messages; undefined: no limit. */
  readonly filterTimelineLimit: number | undefined;
  readonly enableSearch: boolean;
  readonly blockNonAdminInvites: boolean;
  readonly adminContact: string | undefined;
  /** The text with which all but administrators are refused; undefined: the server is open. */
  readonly blockedMessage: string | undefined;
  readonly userTypes: { readonly default: string | undefined; readonly extra: readonly string[] };
  /** Delayed events may wait so long; undefined: there are none. */
  readonly maxEventDelayMs: number | undefined;
}

export function readServer(context: Context): ServerConfig {
  const { values } = context;
  const name = serverName(values);
  const publicBaseUrl = values.optionalString('public_baseurl');
  const timelineLimit = values.integer('filter_timeline_limit', -1);
  return {
    name,
    publicBaseUrl: publicBaseUrl === undefined ? `https://${name}/` : baseUrl(values, publicBaseUrl),
    serveClientWellKnown: publicBaseUrl !== undefined,
    serveServerWellKnown: values.boolean('serve_server_wellknown'),
    extraWellKnownClientContent: extraWellKnown(values),
    defaultIdentityServer: values.optionalString('default_identity_server'),
    webClientLocation: webClientLocation(values),
    pidFile: optionalPath(context, 'pid_file'),
    daemonize: values.boolean('daemonize'),
    printPidFile: values.boolean('print_pidfile'),
    softFileLimit: values.integer('soft_file_limit'),
    defaultRoomVersion: defaultRoomVersion(values),
    filterTimelineLimit: timelineLimit === -1 ? undefined : timelineLimit,
    enableSearch: values.boolean('enable_search'),
    blockNonAdminInvites: values.boolean('block_non_admin_invites'),
    adminContact: values.optionalString('admin_contact'),
    blockedMessage: values.boolean('hs_disabled') ? values.string('hs_disabled_message') : undefined,
    userTypes: {
      default: values.optionalString('user_types.default_user_type'),
      extra: values.strings('user_types.extra_user_types'),
    },
    maxEventDelayMs: maxEventDelay(values),
  };
}

function serverName(values: Values): string {
  const name = values.string('server_name');
  const parsed = parseServerName(name);
  if (parsed !== undefined && (parsed.port ?? 0) <= 65_535) return name;
  throw values.fail(
    'server_name',
    `${JSON.stringify(name)} isn't a server name; expected a host name such as example.org, without https:// or a path`,
  );
}

function baseUrl(values: Values, text: string): string {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw values.fail(
      'public_baseurl',
      `expected an address that begins with https:// or http://, not ${JSON.stringify(text)}`,
    );
  }
  if (text.includes('?') || text.includes('#'))
    throw values.fail('public_baseurl', "can't have a query (?) nor a fragment (#)");
  return text.endsWith('/') ? text : `${text}/`;
}

function extraWellKnown(values: Values): Mapping {
  const content = values.mapping('extra_well_known_client_content') ?? {};
  if ('m.homeserver' in content) {
    throw values.fail('extra_well_known_client_content', 'm.homeserver comes from public_baseurl; set that instead');
  }
  if ('m.identity_server' in content) {
    throw values.fail(
      'extra_well_known_client_content',
      'm.identity_server comes from default_identity_server; set that instead',
    );
  }
  return content;
}

function webClientLocation(values: Values): string | undefined {
  const location = values.optionalString('web_client_location');
  if (location === undefined || location === '' || /^https?:\/\//.test(location)) return location || undefined;
  throw values.fail(
    'web_client_location',
    'expected an address that begins with https:// or http://; web clients are not served from a folder',
  );
}

function defaultRoomVersion(values: Values): string {
  const version = values.string('default_room_version');
  if (roomVersion(version) !== undefined) return version;
  throw values.fail(
    'default_room_version',
    `there is no room version ${JSON.stringify(version)}; known are ${roomVersions.map(({ id }) => id).join(', ')}`,
  );
}

function maxEventDelay(values: Values): number | undefined {
  const ms = values.optionalDuration('max_event_delay_duration');
  if (ms === 0)
    throw values.fail(
      'max_event_delay_duration',
      'expected more than 0; leave the option out to have no delayed events',
    );
  return ms;
}
