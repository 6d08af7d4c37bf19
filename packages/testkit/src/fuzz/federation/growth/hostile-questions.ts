import { randomUUID } from 'node:crypto';
import { base, calls, nobody, noRoom, type HostileKind, type HostileStage } from './hostile-kind.ts';
import { noEvent } from './told-events.ts';

const room = ({ situation }: HostileStage): string => encodeURIComponent(situation.roomId);
const user = (stage: HostileStage, serial: number): string => encodeURIComponent(nobody(stage, serial));

/** Questions for what there isn't. */
export const hostileQuestions: Readonly<Record<string, HostileKind>> = {
  'questions for events': calls(() => ({ path: `${base}/event/${encodeURIComponent(noEvent())}` })),
  'questions for history': calls((stage) => ({
    path: `${base}/backfill/${room(stage)}?v=${encodeURIComponent(noEvent())}&limit=10`,
  })),
  'questions for gaps': calls((stage) => ({
    method: 'POST',
    path: `${base}/get_missing_events/${room(stage)}`,
    body: { earliest_events: [noEvent()], latest_events: [noEvent()] },
  })),
  'questions for states': calls(() => ({
    path: `${base}/state/${encodeURIComponent(noRoom())}?event_id=${encodeURIComponent(noEvent())}`,
  })),
  'questions for profiles': calls((stage, serial) => ({
    path: `${base}/query/profile?user_id=${user(stage, serial)}`,
  })),
  'questions for names of rooms': calls(({ world }, serial) => ({
    path: `${base}/query/directory?room_alias=${encodeURIComponent(`#n${serial}:${world.server.serverName}`)}`,
  })),
  'questions for devices': calls((stage, serial) => ({ path: `${base}/user/devices/${user(stage, serial)}` })),
  'questions for keys of users': calls((stage, serial) => ({
    method: 'POST',
    path: `${base}/user/keys/query`,
    body: { device_keys: { [nobody(stage, serial)]: [] } },
  })),
  'questions for one-time keys': calls((stage, serial) => ({
    method: 'POST',
    path: `${base}/user/keys/claim`,
    body: { one_time_keys: { [nobody(stage, serial)]: { D: 'signed_curve25519' } } },
  })),
  'questions for hierarchies': calls(() => ({ path: `${base}/hierarchy/${encodeURIComponent(noRoom())}` })),
  'questions for files': calls(() => ({ path: `${base}/media/download/${randomUUID()}` })),
  'questions for tokens': calls(() => ({ path: `${base}/openid/userinfo?access_token=${randomUUID()}` })),
};
