/** The folders of `/_matrix/client` that a path may stand in. `api/v1` is what the API was called before r0. */
export type ClientVersion = 'v3' | 'v1' | 'r0' | 'unstable' | 'api/v1';

/** The same path in each of these folders, the newest first. */
export function clientPathsIn(versions: readonly ClientVersion[], path: `/${string}`): readonly string[] {
  return versions.map((version) => `/_matrix/client/${version}${path}`);
}

/** A path of the current API, and where clients written for an earlier one look for it. */
export function clientPaths(path: `/${string}`): readonly string[] {
  return clientPathsIn(['v3', 'r0', 'unstable'], path);
}

/** Like `clientPaths`, for endpoints as old as the first API. */
export function oldClientPaths(path: `/${string}`): readonly string[] {
  return clientPathsIn(['v3', 'r0', 'unstable', 'api/v1'], path);
}

/** A path of the media repository; `v1` and `r0` are its earlier names. */
export function mediaPaths(path: `/${string}`): readonly string[] {
  return ['v3', 'r0', 'v1'].map((version) => `/_matrix/media/${version}${path}`);
}
