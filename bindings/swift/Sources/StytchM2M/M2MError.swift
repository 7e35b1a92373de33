import Foundation

/// An error of this crate. Each case is one stable ``code``; all carry the same ``Details``.
///
/// ```swift
/// do {
///     claims = try await client.m2m.authenticateToken(accessToken: token)
/// } catch M2MError.invalidToken(let details) {
///     log("401: \(details.reason)")
/// } catch let error as M2MError {
///     log(error.code, error.requestID)
/// }
/// ```
///
/// The fields of ``Details`` can be read from the error itself, as in `error.statusCode`. No error
/// contains a token, a secret, a claim's value or a response body.
///
/// A call whose `Task` is cancelled throws `CancellationError`.
@dynamicMemberLookup
public enum M2MError: Error, Hashable, Sendable {
    /// A bad argument or setting, found before any I/O; see ``Details/field``.
    case invalidConfig(Details)
    /// The credentials are wrong, or the client is deactivated.
    case authentication(Details)
    /// The credentials are good but not for this.
    case permissionDenied(Details)
    /// There is no such client or project.
    case notFound(Details)
    /// The call conflicts with the current state: a taken id, a rotation under way.
    case conflict(Details)
    /// The API refused the request as wrong.
    case invalidRequest(Details)
    /// Too many requests; see ``Details/retryAfter``.
    case rateLimited(Details)
    /// The API failed.
    case service(Details)
    /// The server could not be reached, or the connection broke.
    case network(Details)
    /// The response did not arrive in time.
    case timeout(Details)
    /// The response is not one of the API's: HTML, truncated JSON, a redirect.
    case unexpectedResponse(Details)
    /// A call that must not be repeated blindly got no answer; see ``Details/recovery``.
    case outcomeUnknown(Details)
    /// The token is refused; see ``Details/reason``.
    case invalidToken(Details)
    /// The token is valid, but lacks a required scope; see ``Details/missingScopes``.
    case insufficientScope(Details)
    /// The key set is unavailable, so the token cannot be verified: answer 503, never 401.
    case keysUnavailable(Details)
    /// The call was cancelled, though not by its `Task`.
    case cancelled(Details)

    /// The details. A field is `nil` or empty where it does not apply.
    public struct Details: Hashable, Sendable {
        /// What was wrong and what to do, for people. It may change between versions.
        public let message: String
        /// `invalid_config`: the argument or setting at fault, under its name in the API.
        public let field: String?
        /// The HTTP status of the response.
        public let statusCode: Int?
        /// The server's id of the request, for a support ticket.
        public let requestID: String?
        /// Stytch's `error_type`, or the `error` code of OAuth 2.0 (RFC 6749, section 5.2).
        public let errorType: String?
        /// The server's message: `error_message`, or OAuth's `error_description`.
        public let errorMessage: String?
        /// The URL of the server's documentation of the error. It is never fetched.
        public let errorURL: String?
        /// How long to wait before the next attempt.
        public let retryAfter: Duration?
        /// `invalid_token`: why.
        public let reason: InvalidTokenReason?
        /// `invalid_token`: the name of the wrong claim.
        public let claim: String?
        /// `insufficient_scope`: the required scopes that the token does not grant.
        public let missingScopes: [String]
        /// What to do next, after `outcome_unknown` and after a rotation that could not be ended.
        public let recovery: String?
        /// Whether the same call may succeed later although nothing is changed: a rate limit, an
        /// outage, no answer. Wait for ``retryAfter``, or back off, before the next call. False for
        /// `outcome_unknown`, whose call may have been carried out: see ``recovery``.
        public let isTransient: Bool
        /// The HTTP status with which a service answers its own caller when verification failed:
        /// 401, 403 or 503; 500 for an error that is not about the caller's token.
        public let httpStatus: Int
        /// The `WWW-Authenticate` value that goes with ``httpStatus`` 401 and 403 (RFC 6750,
        /// section 3).
        public let wwwAuthenticate: String?
        /// The whole answer to the service's own caller when verification failed; `nil` if the
        /// error is not about the caller's token: answer 500 then.
        public let refusal: Refusal?

        let code: String
        let text: String
    }

    /// Why a token is invalid.
    public enum InvalidTokenReason: String, CaseIterable, Sendable {
        /// There is no token: no `Authorization` header, or one of another scheme.
        case missing
        /// The token is not a compact JWS of strict base64url and strict JSON within the size
        /// limits.
        case malformed
        /// `alg` is missing, `none`, symmetric, not allowed for the issuer, or does not fit the
        /// key.
        case algorithmNotAllowed = "algorithm_not_allowed"
        /// The header requires an unsupported extension (`crit`, `b64`, `zip`).
        case headerUnsupported = "header_unsupported"
        /// The header has no `kid`, or the issuer publishes no key with it.
        case keyNotFound = "key_not_found"
        /// Several keys of the issuer fit.
        case keyAmbiguous = "key_ambiguous"
        /// The key is weak, invalid, or not for signatures.
        case keyUnusable = "key_unusable"
        /// The signature is invalid.
        case signatureInvalid = "signature_invalid"
        /// `exp` has passed.
        case expired
        /// `nbf` or `iat` is in the future.
        case notYetValid = "not_yet_valid"
        /// Older than `maxTokenAge`.
        case tooOld = "too_old"
        /// A required claim is missing.
        case claimMissing = "claim_missing"
        /// A claim has the wrong type or value.
        case claimInvalid = "claim_invalid"
        /// The token is not an M2M access token: a session JWT, a Connected App's token, another
        /// `typ`.
        case wrongTokenKind = "wrong_token_kind"
        /// The token is valid, but belongs to another organization than the required one, or to
        /// none. Its error is ``M2MError/insufficientScope(_:)``: a new token would not help.
        case wrongOrganization = "wrong_organization"
    }

    /// The stable code of the case, the same in every language: `invalid_config`, ...
    public var code: String { details.code }

    /// The details.
    public var details: Details {
        switch self {
        case .invalidConfig(let details), .authentication(let details),
            .permissionDenied(let details), .notFound(let details), .conflict(let details),
            .invalidRequest(let details), .rateLimited(let details), .service(let details),
            .network(let details), .timeout(let details), .unexpectedResponse(let details),
            .outcomeUnknown(let details), .invalidToken(let details),
            .insufficientScope(let details), .keysUnavailable(let details),
            .cancelled(let details):
            details
        }
    }

    /// A field of ``details``.
    public subscript<Value>(dynamicMember field: KeyPath<Details, Value>) -> Value {
        details[keyPath: field]
    }
}

extension M2MError: LocalizedError, CustomStringConvertible {
    /// The code, what was wrong, and the request's id: `not_found: ... (request_id ...)`.
    public var description: String { details.text }

    /// The same as ``description``; `localizedDescription` gives it too.
    public var errorDescription: String? { description }

    /// What to look at and how to recover, where it is known.
    public var recoverySuggestion: String? { details.recovery }
}

/// The response of a service to a request whose token is refused (RFC 6750, section 3).
public struct Refusal: Hashable, Sendable {
    /// 401, 403 or 503.
    public let status: Int
    /// The response's headers.
    public let headers: [String: String]
    /// JSON with the error's code only.
    public let body: String
}
