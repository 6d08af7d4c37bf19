/** Server names as in the specification's appendix "Server Name": DNS name, IPv4 or bracketed IPv6, optional port. */
export function isServerName(name: string): boolean {
  if (name.length > 255) return false;
  const match = /^(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,255})(?::([0-9]{1,5}))?$/.exec(name);
  return match !== null && (match[2] === undefined || Number(match[2]) <= 65_535);
}

/** The port in a server name, if it has one. */
export function portOfServerName(name: string): number | undefined {
  const match = /:([0-9]{1,5})$/.exec(name);
  return match && isServerName(name) ? Number(match[1]) : undefined;
}
