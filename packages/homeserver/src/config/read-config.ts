import type { Config } from './config.ts';
import { options } from './option-table.ts';
import { readTurn } from './sections/calls.ts';
import { readConsent, readTemplates } from './sections/consent.ts';
import type { Context } from './sections/context.ts';
import { readDatabase } from './sections/database.ts';
import { readFederation, readOutbound } from './sections/federation.ts';
import { readKeys } from './sections/keys.ts';
import { readListeners, readTls } from './sections/listeners.ts';
import { readLogging } from './sections/logging.ts';
import { readMedia } from './sections/media.ts';
import { readCaches, readExperimental, readMetrics, readPush, readRetention } from './sections/operations.ts';
import { readPassword } from './sections/password.ts';
import { readPresence, readProfiles, readUserDirectory } from './sections/people.ts';
import { readRateLimits } from './sections/rate-limits.ts';
import { readRegistration } from './sections/registration.ts';
import { readRooms } from './sections/rooms.ts';
import { readServer } from './sections/server.ts';
import { readServerNotices } from './sections/server-notices.ts';
import { readSessions } from './sections/sessions.ts';

/** Reads every section, in the order in which an administrator would look for what is wrong. */
export function readSections(context: Context): Omit<Config, 'notices'> {
  const server = readServer(context);
  const metrics = readMetrics(context);
  const listeners = readListeners(context);
  const registration = readRegistration(context);
  return {
    server,
    listeners,
    tls: readTls(context, listeners),
    database: readDatabase(context),
    logging: readLogging(context),
    keys: readKeys(context, server.name),
    registration,
    sessions: readSessions(context),
    password: readPassword(context),
    rateLimits: readRateLimits(context),
    media: readMedia(context),
    rooms: readRooms(context),
    profiles: readProfiles(context),
    userDirectory: readUserDirectory(context),
    presence: readPresence(context),
    caches: readCaches(context),
    retention: readRetention(context),
    metrics,
    push: readPush(context),
    turn: readTurn(context),
    consent: readConsent(context),
    serverNotices: readServerNotices(context),
    templates: readTemplates(context),
    federation: readFederation(context),
    outbound: readOutbound(context),
    experimental: readExperimental(context, experimentalFlags),
  };
}

const experimentalFlags: readonly string[] = [...options.values()]
  .filter(({ name, type }) => name.startsWith('experimental_features.') && type === 'boolean')
  .map(({ name }) => name.slice('experimental_features.'.length));
