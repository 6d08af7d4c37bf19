/** The servers that a client says are in a room. `server_name` is what `via` was called before. */
export function viaServers(query: {
  readonly via?: readonly string[] | undefined;
  readonly server_name?: readonly string[] | undefined;
}): readonly string[] {
  return query.via ?? query.server_name ?? [];
}
