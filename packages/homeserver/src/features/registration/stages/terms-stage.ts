import type { JsonObject, JsonValue } from '@myelin/protocol';
import type { AuthStage } from '../../user-interactive-auth/index.ts';

export interface Terms {
  readonly version: string;
  readonly policyName: string;
  /** Where they can be read. */
  readonly url: string;
}

/** Agreeing to the terms of the server. Client-Server API §"Terms of service at registration". Gives their version. */
export class TermsStage implements AuthStage {
  readonly type = 'm.login.terms';
  readonly #terms: Terms;

  constructor(terms: Terms) {
    this.#terms = terms;
  }

  parameters(): JsonObject {
    const { version, policyName, url } = this.#terms;
    return { policies: { privacy_policy: { version, en: { name: policyName, url } } } };
  }

  /** That the client asks for it says that the user has agreed. */
  async complete(): Promise<JsonValue> {
    return this.#terms.version;
  }
}
