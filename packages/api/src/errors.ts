/** HTTP status that belongs to a Matrix error code unless the thrower says otherwise. Client-Server API §2.2. */
export const errorStatus = {
  M_FORBIDDEN: 403,
  M_UNKNOWN_TOKEN: 401,
  M_MISSING_TOKEN: 401,
  M_USER_LOCKED: 401,
  M_USER_SUSPENDED: 403,
  M_BAD_JSON: 400,
  M_NOT_JSON: 400,
  M_NOT_FOUND: 404,
  M_LIMIT_EXCEEDED: 429,
  M_UNRECOGNIZED: 404,
  M_UNKNOWN: 400,
  M_UNAUTHORIZED: 401,
  M_USER_DEACTIVATED: 403,
  M_USER_IN_USE: 400,
  M_INVALID_USERNAME: 400,
  M_ROOM_IN_USE: 400,
  M_INVALID_ROOM_STATE: 400,
  M_THREEPID_IN_USE: 400,
  M_THREEPID_NOT_FOUND: 400,
  M_THREEPID_AUTH_FAILED: 401,
  M_THREEPID_DENIED: 403,
  M_SERVER_NOT_TRUSTED: 400,
  M_UNSUPPORTED_ROOM_VERSION: 400,
  M_INCOMPATIBLE_ROOM_VERSION: 400,
  M_BAD_STATE: 400,
  M_GUEST_ACCESS_FORBIDDEN: 403,
  M_CAPTCHA_NEEDED: 400,
  M_CAPTCHA_INVALID: 400,
  M_MISSING_PARAM: 400,
  M_INVALID_PARAM: 400,
  M_TOO_LARGE: 413,
  M_EXCLUSIVE: 400,
  M_RESOURCE_LIMIT_EXCEEDED: 403,
  M_CANNOT_LEAVE_SERVER_NOTICE_ROOM: 403,
  M_WEAK_PASSWORD: 400,
  M_PASSWORD_TOO_SHORT: 400,
  M_PASSWORD_NO_DIGIT: 400,
  M_PASSWORD_NO_SYMBOL: 400,
  M_PASSWORD_NO_UPPERCASE: 400,
  M_PASSWORD_NO_LOWERCASE: 400,
  M_PASSWORD_IN_DICTIONARY: 400,
  M_INVALID_SIGNATURE: 400,
  M_DUPLICATE_ANNOTATION: 400,
  M_NOT_YET_UPLOADED: 504,
  M_CANNOT_OVERWRITE_MEDIA: 409,
  M_WRONG_ROOM_KEYS_VERSION: 403,
  M_URL_NOT_SET: 400,
  M_BAD_ALIAS: 400,
  M_BAD_PAGINATION: 400,
  M_UNABLE_TO_AUTHORISE_JOIN: 400,
  M_UNABLE_TO_GRANT_JOIN: 400,
  M_APPSERVICE_LOGIN_UNSUPPORTED: 400,
  M_UNKNOWN_POS: 400,
  M_INVITE_BLOCKED: 403,
  M_CONCURRENT_WRITE: 409,
  M_KEY_TOO_LARGE: 400,
  M_PROFILE_TOO_LARGE: 400,
  M_USER_LIMIT_EXCEEDED: 403,
  M_UNKNOWN_DEVICE: 400,
  M_CONSENT_NOT_GIVEN: 403,
  M_THREEPID_MEDIUM_NOT_SUPPORTED: 400,
  M_BAD_STATUS: 502,
  M_CONNECTION_FAILED: 502,
  M_CONNECTION_TIMEOUT: 504,
} as const;

export type ErrorCode = keyof typeof errorStatus;

/** Extra members of an error's JSON body (`retry_after_ms`, `soft_logout`, `current_version` …). */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/**
 * An answer that refuses: what the client did can't be done, and this is why.
 * `message` is shown to users, so it never holds secrets nor other people's data.
 */
export class MatrixError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: { status?: number; details?: ErrorDetails } = {}) {
    super(message);
    this.name = 'MatrixError';
    this.code = code;
    this.status = options.status ?? errorStatus[code];
    this.details = options.details ?? {};
  }

  /** The JSON body that goes out. */
  toBody(): Record<string, unknown> {
    return { errcode: this.code, error: this.message, ...this.details };
  }
}
