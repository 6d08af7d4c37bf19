import { MatrixError } from '@myelin/api';

/** The directories of other servers can't be asked yet: there is no federation. */
export function requireOwnServer(server: string | undefined, serverName: string): void {
  if (server !== undefined && server !== '' && server !== serverName) {
    throw new MatrixError('M_UNKNOWN', "This server can't ask other servers for their rooms yet", { status: 502 });
  }
}
