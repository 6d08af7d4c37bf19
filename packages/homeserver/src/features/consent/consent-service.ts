import { MatrixError } from '@myelin/api';
import type { Database } from '@myelin/database';
import { parseUserId } from '@myelin/protocol';
import type { ConsentConfig } from '../../config/index.ts';
import type { Account, Accounts } from '../accounts/index.ts';
import type { Names } from '../names/index.ts';
import type { ConsentLinks } from './consent-links.ts';
import { defaultPages } from './default-pages.ts';

export interface ConsentParts {
  readonly database: Database;
  readonly names: Names;
  readonly accounts: Accounts;
  readonly serverName: string;
  readonly consent: ConsentConfig;
  /** Undefined: there is no `form_secret`, so that pages are for nobody in particular. */
  readonly links: ConsentLinks | undefined;
}

/** What the page's address, or its form, says. */
export interface ConsentForm {
  readonly user: string | undefined;
  readonly signature: string | undefined;
  readonly version: string | undefined;
}

/** The page with the terms, and what comes of agreeing to them. */
export class ConsentService {
  readonly #parts: ConsentParts;

  constructor(parts: ConsentParts) {
    this.#parts = parts;
  }

  /** The terms: for a user whose signature fits with the form, for everybody else just to read. */
  async page({ user, signature, version = this.#parts.consent.version }: ConsentForm): Promise<string> {
    const { consent, serverName } = this.#parts;
    const template = this.#template(version);
    const common = { version, server_name: serverName, policy_name: consent.policyName };
    if (user === undefined || user === '') {
      return template({ ...common, user: '', userhmac: undefined, has_consented: false, public_version: true });
    }
    const account = await this.#account(user, signature);
    return template({
      ...common,
      user,
      userhmac: signature,
      has_consented: account.consentVersion === version,
      public_version: false,
    });
  }

  /** Keeps that a user agrees to a version of the terms; resolves to the page that says so. */
  async agree({ user, signature, version }: ConsentForm): Promise<string> {
    const { database, accounts, consent, serverName } = this.#parts;
    if (version === undefined || version === '') throw missing('v');
    if (user === undefined || user === '') throw missing('u');
    const account = await this.#account(user, signature);
    this.#template(version);
    await database.transact((writer) => accounts.setConsentVersion(writer, account.user, version));
    const success = consent.templates.get('success') ?? defaultPages.success;
    return success({ server_name: serverName, policy_name: consent.policyName });
  }

  #template(version: string): (values: Record<string, unknown>) => string {
    const { templates, version: current } = this.#parts.consent;
    const template = templates.get(version) ?? (version === current ? defaultPages.terms : undefined);
    if (!template || version === 'success') throw new MatrixError('M_NOT_FOUND', 'Unknown policy version');
    return template;
  }

  async #account(user: string, signature: string | undefined): Promise<Account> {
    const { names, accounts, links, serverName } = this.#parts;
    if (signature === undefined) throw missing('h');
    if (!links?.isSigned(user, signature)) throw new MatrixError('M_FORBIDDEN', 'The address is not one of ours');
    const userId = user.startsWith('@') ? user : `@${user}:${serverName}`;
    const nid = parseUserId(userId) ? await names.findUser(userId) : undefined;
    const account = nid === undefined ? undefined : await accounts.find(nid);
    if (!account) throw new MatrixError('M_NOT_FOUND', 'Unknown user');
    return account;
  }
}

function missing(name: string): MatrixError {
  return new MatrixError('M_MISSING_PARAM', `Missing query parameter ${name}`);
}
