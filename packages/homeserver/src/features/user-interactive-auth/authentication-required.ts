import { MatrixError } from '@myelin/api';
import type { JsonObject } from '@myelin/protocol';
import type { AuthFlow } from './auth-stage.ts';

export interface AuthenticationState {
  readonly session: string;
  readonly flows: readonly AuthFlow[];
  readonly params: JsonObject;
  readonly completed: readonly string[];
  /** Why the stage that was tried isn't complete. */
  readonly problem: MatrixError | undefined;
}

/** The 401 of user-interactive authentication: what is still to do. Client-Server API §"User-interactive API in the REST API". */
export class AuthenticationRequired extends MatrixError {
  readonly state: AuthenticationState;

  constructor(state: AuthenticationState) {
    super(state.problem?.code ?? 'M_UNAUTHORIZED', state.problem?.message ?? 'Authentication is needed', {
      status: 401,
    });
    this.name = 'AuthenticationRequired';
    this.state = state;
  }

  override toBody(): Record<string, unknown> {
    const { session, flows, params, completed, problem } = this.state;
    return {
      ...problem?.toBody(),
      session,
      flows: flows.map((stages) => ({ stages })),
      params,
      ...(completed.length > 0 || problem ? { completed } : {}),
    };
  }
}

/** Ends an attempt for good: what was shown belongs to somebody else. */
export class AuthenticationRefused extends MatrixError {
  constructor() {
    super('M_FORBIDDEN', 'Invalid auth');
    this.name = 'AuthenticationRefused';
  }
}
