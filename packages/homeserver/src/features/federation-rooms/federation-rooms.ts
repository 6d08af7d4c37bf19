import type { OutboundHttp } from '@myelin/runtime';
import { AuthChains } from './auth-chains.ts';
import { JoinAnswers, type JoinAnswersParts } from './join-answers.ts';
import { JoinPermission, type JoinPermissionParts } from './join-permission.ts';
import { MembershipTaking, type MembershipTakingParts } from './membership-taking.ts';
import { MembershipTemplates, type MembershipTemplatesParts } from './membership-templates.ts';
import { RoomComplexity, type RoomComplexityParts } from './room-complexity.ts';
import { RoomGraph } from './room-graph.ts';
import { RoomReading, type RoomReadingParts } from './room-reading.ts';
import { ServedRooms, type ServedRoomsParts } from './served-rooms.ts';
import { ServerSight, type ServerSightParts } from './server-sight.ts';
import { SlowReading, type SlowReadingParts } from './slow-reading.ts';
import { ThirdPartyExchange, type ThirdPartyExchangeParts } from './third-party-exchange.ts';
import { ThirdPartyKeys } from './third-party-keys.ts';

type Made = 'rooms' | 'sight' | 'graph' | 'chains' | 'permission' | 'answers' | 'slowly' | 'keys';

/** What serving rooms to other servers needs of the other features. */
export type FederationRoomsNeeds = ServedRoomsParts &
  Omit<ServerSightParts, Made> &
  Omit<RoomReadingParts, Made> &
  Omit<JoinPermissionParts, Made> &
  Omit<MembershipTemplatesParts, Made> &
  Omit<MembershipTakingParts, Made> &
  Omit<JoinAnswersParts, Made> &
  Omit<ThirdPartyExchangeParts, Made> &
  RoomComplexityParts &
  SlowReadingParts & {
    /** For what anybody may name: addresses are looked at. */
    readonly http: OutboundHttp;
  };

export interface FederationRooms {
  readonly reading: RoomReading;
  readonly templates: MembershipTemplates;
  readonly memberships: MembershipTaking;
  readonly exchange: ThirdPartyExchange;
  readonly complexity: RoomComplexity;
}

/** Puts together what serves rooms to other servers. */
export function createFederationRooms(needs: FederationRoomsNeeds): FederationRooms {
  const rooms = new ServedRooms(needs);
  const slowly = new SlowReading(needs);
  const chains = new AuthChains(slowly);
  const permission = new JoinPermission(needs);
  return {
    reading: new RoomReading({
      ...needs,
      rooms,
      chains,
      slowly,
      sight: new ServerSight(needs),
      graph: new RoomGraph(needs.events),
    }),
    templates: new MembershipTemplates({ ...needs, rooms, permission }),
    memberships: new MembershipTaking({
      ...needs,
      rooms,
      permission,
      answers: new JoinAnswers({ ...needs, chains, slowly }),
    }),
    exchange: new ThirdPartyExchange({ ...needs, rooms, keys: new ThirdPartyKeys(needs.http) }),
    complexity: new RoomComplexity(needs),
  };
}
