import { MatrixError } from '@myelin/api';
import type { ConsentConfig } from '../../config/index.ts';
import type { Account } from '../accounts/index.ts';
import type { ConsentLinks } from './consent-links.ts';

/** Keeps those who haven't agreed to the terms from sending, if the administrator wants it so (`block_events_error`). */
export class ConsentGate {
  readonly #consent: ConsentConfig;
  readonly #links: ConsentLinks;

  constructor(consent: ConsentConfig, links: ConsentLinks) {
    this.#consent = consent;
    this.#links = links;
  }

  /** What a user is told who must agree first; undefined: they needn't, or have. Client-Server API, M_CONSENT_NOT_GIVEN. */
  refusal(userId: string, account: Pick<Account, 'userType' | 'consentVersion'>): (() => MatrixError) | undefined {
    const { blockEventsError, version } = this.#consent;
    if (blockEventsError === undefined || account.consentVersion === version) return undefined;
    if (account.userType === 'support' || account.userType === 'bot') return undefined;
    return () => {
      const uri = this.#links.forUser(userId.slice(1, userId.indexOf(':')));
      // As Python formats: `%(consent_uri)s` is the place for the address, `%%` a per cent sign.
      const text = blockEventsError.replaceAll(/%(?:\(consent_uri\)s|%)/g, (mark) => (mark === '%%' ? '%' : uri));
      return new MatrixError('M_CONSENT_NOT_GIVEN', text, { details: { consent_uri: uri } });
    };
  }
}
