// The errors: a class for each of the core's codes.

import type { Native } from './native';

/** The stable codes, the same in every language. */
export type ErrorCode =
  | 'invalid_config'
  | 'authentication'
  | 'permission_denied'
  | 'not_found'
  | 'conflict'
  | 'invalid_request'
  | 'rate_limited'
  | 'service'
  | 'network'
  | 'timeout'
  | 'unexpected_response'
  | 'outcome_unknown'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'keys_unavailable'
  | 'cancelled';

/** Why a token is invalid. */
export type InvalidTokenReason =
  | 'missing'
  | 'malformed'
  | 'algorithm_not_allowed'
  | 'header_unsupported'
  | 'key_not_found'
  | 'key_ambiguous'
  | 'key_unusable'
  | 'signature_invalid'
  | 'expired'
  | 'not_yet_valid'
  | 'too_old'
  | 'claim_missing'
  | 'claim_invalid'
  | 'wrong_token_kind'
  | 'wrong_organization';

/** All that an error carries beside its message. */
export interface ErrorDetails {
  /** `invalid_config`: the wrong argument or setting. */
  readonly field?: string;
  /** The HTTP status of the server's answer. */
  readonly status_code?: number;
  /** The server's id of the request, for a support ticket. */
  readonly request_id?: string;
  /** Stytch's `error_type`, or the `error` code of OAuth 2.0 (RFC 6749, section 5.2). */
  readonly error_type?: string;
  /** The server's explanation. */
  readonly error_message?: string;
  /** Where the server documents the error. */
  readonly error_url?: string;
  /** How long to wait before the next attempt. */
  readonly retry_after_seconds?: number;
  /** `invalid_token`: why. */
  readonly reason?: InvalidTokenReason;
  /** `invalid_token`: the name of the wrong claim. */
  readonly claim?: string;
  /** `insufficient_scope`: the required scopes that the token does not grant. */
  readonly missing_scopes?: string[];
  /** What to do next, after `outcome_unknown` and after a rotation that could not be ended. */
  readonly recovery?: string;
}

/** The response of a service to a request whose token is refused (RFC 6750, section 3). */
export interface Refusal {
  /** 401, 403 or 503. */
  readonly status: number;
  /** The response's headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON with the error's code only. */
  readonly body: string;
}

/** What follows from an error: whether it may pass, and how to answer one's own caller. */
export interface ErrorAnswer {
  readonly is_transient: boolean;
  readonly http_status: number;
  readonly www_authenticate?: string;
  readonly refusal?: Refusal;
}

const UNANSWERED: ErrorAnswer = { is_transient: false, http_status: 500 };

export interface StytchM2MError extends ErrorDetails {}

/**
 * The base of every error of this package. It never holds a token, a secret, a claim's value or a
 * response body. A field that does not apply is `undefined`.
 */
export abstract class StytchM2MError extends Error {
  /** The stable code. */
  abstract readonly code: ErrorCode;
  /**
   * Whether the same call may succeed later although nothing is changed: a rate limit, an outage, no
   * answer. Wait for `retry_after_seconds`, or back off, before the next call. False for
   * `outcome_unknown`, whose call may have been carried out: see `recovery`.
   */
  declare readonly is_transient: boolean;
  /**
   * The HTTP status with which a service answers its own caller when verification failed: 401, 403
   * or 503; 500 for an error that is not about the caller's token.
   */
  declare readonly http_status: number;
  /** The `WWW-Authenticate` value that goes with 401 and 403 (RFC 6750, section 3). */
  declare readonly www_authenticate: string | undefined;
  /**
   * The whole answer to one's own caller when verification failed; `undefined` if the error is not
   * about the caller's token: answer 500 then.
   */
  declare readonly refusal: Refusal | undefined;

  /** @internal */
  constructor(message: string, details: ErrorDetails = {}, answer: ErrorAnswer = UNANSWERED) {
    super(message);
    Object.assign(this, details);
    const { is_transient, http_status, www_authenticate, refusal } = answer;
    Object.defineProperties(this, {
      is_transient: { value: is_transient },
      http_status: { value: http_status },
      www_authenticate: { value: www_authenticate },
      refusal: { value: refusal },
    });
  }
}

/** An argument or setting is wrong; found before any I/O. */
export class InvalidConfigError extends StytchM2MError {
  readonly code = 'invalid_config';
  declare readonly field: string;
}
/** The credentials are wrong. */
export class AuthenticationError extends StytchM2MError {
  readonly code = 'authentication';
}
/** The credentials are good but not for this. */
export class PermissionDeniedError extends StytchM2MError {
  readonly code = 'permission_denied';
}
/** There is no such client or project. */
export class NotFoundError extends StytchM2MError {
  readonly code = 'not_found';
}
/** The call conflicts with the current state: a taken id, a rotation under way. */
export class ConflictError extends StytchM2MError {
  readonly code = 'conflict';
}
/** The API refused the request as wrong. */
export class InvalidRequestError extends StytchM2MError {
  readonly code = 'invalid_request';
}
/** Too many requests. */
export class RateLimitedError extends StytchM2MError {
  readonly code = 'rate_limited';
}
/** The API failed. */
export class ServiceError extends StytchM2MError {
  readonly code = 'service';
}
/** The server could not be reached, or the connection broke. */
export class NetworkError extends StytchM2MError {
  readonly code = 'network';
}
/** The response did not arrive in time. */
export class TimeoutError extends StytchM2MError {
  readonly code = 'timeout';
}
/** The response is not one of the API's: HTML, truncated JSON, a redirect. */
export class UnexpectedResponseError extends StytchM2MError {
  readonly code = 'unexpected_response';
}
/** A call that must not be repeated blindly got no answer: see `recovery`. */
export class OutcomeUnknownError extends StytchM2MError {
  readonly code = 'outcome_unknown';
  declare readonly recovery: string;
}
/** The token is refused: see `reason`. */
export class InvalidTokenError extends StytchM2MError {
  readonly code = 'invalid_token';
  declare readonly reason: InvalidTokenReason;
}
/** The token is valid, but lacks a required scope: see `missing_scopes`. */
export class InsufficientScopeError extends StytchM2MError {
  readonly code = 'insufficient_scope';
  declare readonly missing_scopes: string[];
}
/** The key set is unavailable, so the token cannot be verified: answer 503, never 401. */
export class KeysUnavailableError extends StytchM2MError {
  readonly code = 'keys_unavailable';
}
/** The call was given up. With a `signal`, its `reason` is thrown instead. */
export class CancelledError extends StytchM2MError {
  readonly code = 'cancelled';
}

const BY_CODE: Record<ErrorCode, ErrorClass> = {
  invalid_config: InvalidConfigError,
  authentication: AuthenticationError,
  permission_denied: PermissionDeniedError,
  not_found: NotFoundError,
  conflict: ConflictError,
  invalid_request: InvalidRequestError,
  rate_limited: RateLimitedError,
  service: ServiceError,
  network: NetworkError,
  timeout: TimeoutError,
  unexpected_response: UnexpectedResponseError,
  outcome_unknown: OutcomeUnknownError,
  invalid_token: InvalidTokenError,
  insufficient_scope: InsufficientScopeError,
  keys_unavailable: KeysUnavailableError,
  cancelled: CancelledError,
};

type ErrorClass = new (...args: ConstructorParameters<typeof StytchM2MError>) => StytchM2MError;

// On the prototype, so that no instance prints it as one more field.
for (const Class of Object.values(BY_CODE)) {
  Object.defineProperty(Class.prototype, 'name', { value: Class.name });
}

/** The exception for an error of the native module. */
export function toError({ err }: Native.Failure): StytchM2MError {
  const { code, message, is_transient, http_status, www_authenticate, refusal, ...details } = err;
  const answer = { is_transient, http_status, www_authenticate, refusal } as ErrorAnswer;
  return new BY_CODE[code as ErrorCode](message, details as ErrorDetails, answer);
}

/** The exception for a bad argument or setting. */
export function invalidConfig(field: string, message: string): InvalidConfigError {
  return new InvalidConfigError(message, { field });
}

/** What a function of the user's threw, for a message. */
export function causeOf(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : `it threw a value of type ${typeof cause}`;
}
