/** Whether text is an opaque identifier (Appendices, "Opaque Identifiers"): 1 to 255 of `0-9A-Za-z-._~`. */
export function isOpaqueId(text: string): boolean {
  return /^[0-9A-Za-z\-._~]{1,255}$/.test(text);
}

/**
 * Whether text follows the Common Namespaced Identifier Grammar (Appendices): 1 to 255 of `a-z0-9-_.`, a letter first.
 */
export function isNamespacedId(text: string): boolean {
  return /^[a-z][a-z0-9\-_.]{0,254}$/.test(text);
}
