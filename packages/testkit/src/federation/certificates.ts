import { fileURLToPath } from 'node:url';

/** Fixed keys and certificates of a certificate authority that only tests trust; good until 2098. */
export interface TestCertificate {
  /** Paths of PEM files. */
  readonly certificate: string;
  readonly key: string;
}

/** Path of the authority's certificate. */
export const testAuthority = dataPath('authority.pem');

/** For localhost, 127.0.0.1, ::1, and a to e below `test` and `example` (a.test …). */
export const serverCertificate = pair('server');
/** For the name nowhere.invalid. */
export const otherNameCertificate = pair('other-name');
/** The same names, until 2020. */
export const expiredCertificate = pair('expired');

function pair(name: string): TestCertificate {
  return { certificate: dataPath(`${name}.pem`), key: dataPath(`${name}.key.pem`) };
}

function dataPath(file: string): string {
  return fileURLToPath(new URL(`./data/${file}`, import.meta.url));
}
