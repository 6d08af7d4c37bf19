import { FederationHierarchy } from './federation-hierarchy.ts';
import { Hierarchy, type HierarchyParts } from './hierarchy.ts';
import { LocalRooms, type LocalRoomsParts } from './local-rooms.ts';
import { RemoteSpaces, type RemoteSpacesParts } from './remote-spaces.ts';
import { RoomOpenness, type RoomOpennessParts } from './room-openness.ts';
import { RoomSummaries, type RoomSummariesParts } from './room-summaries.ts';

type Made = 'local' | 'remote' | 'openness';

/** What spaces need of the other features. */
export type SpacesNeeds = LocalRoomsParts &
  RemoteSpacesParts &
  RoomOpennessParts &
  Omit<HierarchyParts, Made> &
  Omit<RoomSummariesParts, Made>;

export interface Spaces {
  readonly hierarchy: Hierarchy;
  readonly summaries: RoomSummaries;
  readonly forServers: FederationHierarchy;
}

/** Puts together what tells of spaces and of rooms from outside. */
export function createSpaces(needs: SpacesNeeds): Spaces {
  const parts = {
    ...needs,
    local: new LocalRooms(needs),
    remote: new RemoteSpaces(needs),
    openness: new RoomOpenness(needs),
  };
  return {
    hierarchy: new Hierarchy(parts),
    summaries: new RoomSummaries(parts),
    forServers: new FederationHierarchy(parts),
  };
}
