/** The version of this software, as it is told to clients, servers and in figures. */
export const version = '0.1.0';
