import Foundation
import StytchM2MGenerated
import Testing

@testable import StytchM2M

@Suite struct ErrorTests {
    static let kinds: [(ErrorKind, String, @Sendable (M2MError.Details) -> M2MError)] = [
        (.invalidConfig, "invalid_config", M2MError.invalidConfig),
        (.authentication, "authentication", M2MError.authentication),
        (.permissionDenied, "permission_denied", M2MError.permissionDenied),
        (.notFound, "not_found", M2MError.notFound),
        (.conflict, "conflict", M2MError.conflict),
        (.invalidRequest, "invalid_request", M2MError.invalidRequest),
        (.rateLimited, "rate_limited", M2MError.rateLimited),
        (.service, "service", M2MError.service),
        (.network, "network", M2MError.network),
        (.timeout, "timeout", M2MError.timeout),
        (.unexpectedResponse, "unexpected_response", M2MError.unexpectedResponse),
        (.outcomeUnknown, "outcome_unknown", M2MError.outcomeUnknown),
        (.invalidToken, "invalid_token", M2MError.invalidToken),
        (.insufficientScope, "insufficient_scope", M2MError.insufficientScope),
        (.keysUnavailable, "keys_unavailable", M2MError.keysUnavailable),
        (.cancelled, "cancelled", M2MError.cancelled),
    ]

    static let reasons: [(InvalidTokenReason, M2MError.InvalidTokenReason)] = [
        (.missing, .missing), (.malformed, .malformed),
        (.algorithmNotAllowed, .algorithmNotAllowed),
        (.headerUnsupported, .headerUnsupported), (.keyNotFound, .keyNotFound),
        (.keyAmbiguous, .keyAmbiguous), (.keyUnusable, .keyUnusable),
        (.signatureInvalid, .signatureInvalid), (.expired, .expired),
        (.notYetValid, .notYetValid), (.tooOld, .tooOld), (.claimMissing, .claimMissing),
        (.claimInvalid, .claimInvalid), (.wrongTokenKind, .wrongTokenKind),
        (.wrongOrganization, .wrongOrganization),
    ]

    @Test func everyKindIsACaseWithItsCode() throws {
        #expect(Set(Self.kinds.map(\.0)).count == 16)
        for (kind, code, makeCase) in Self.kinds {
            let error = M2MError(nativeError(kind))
            #expect(error == makeCase(error.details))
            #expect(error.code == code)
            #expect(error.description == "\(code): what and why (request_id request-id-1)")
            #expect(error.localizedDescription == error.description)
        }
    }

    @Test func everyFieldCrosses() {
        let error = M2MError(nativeError(.invalidToken, reason: .expired))
        #expect(error.message == "what and why")
        #expect(error.field == "field")
        #expect(error.statusCode == 418)
        #expect(error.requestID == "request-id-1")
        #expect(error.errorType == "type")
        #expect(error.errorMessage == "said")
        #expect(error.errorURL == "https://stytch.com/docs")
        #expect(error.retryAfter == .milliseconds(1500))
        #expect(error.reason == .expired)
        #expect(error.claim == "exp")
        #expect(error.missingScopes == ["a", "b"])
        #expect(error.recovery == "look")
        #expect(error.recoverySuggestion == "look")
        #expect(error.httpStatus == 401)
        #expect(error.wwwAuthenticate == #"Bearer error="invalid_token""#)
    }

    @Test func anAnswerIsThereForWhatIsAboutTheToken() {
        var statuses: [String: Int] = [:]
        for (kind, code, _) in Self.kinds {
            guard let refusal = M2MError(nativeError(kind)).refusal else { continue }
            statuses[code] = refusal.status
            #expect(refusal.body == #"{"error":"\#(code)"}"#)
            #expect(refusal.headers["Cache-Control"] == "no-store")
            #expect(refusal.headers["Retry-After"] == (refusal.status == 503 ? "2" : nil))
        }
        #expect(
            statuses == ["invalid_token": 401, "insufficient_scope": 403, "keys_unavailable": 503])
    }

    @Test func whatMayPassIsTransient() {
        let transient = Self.kinds.filter { M2MError(nativeError($0.0)).isTransient }.map(\.1)
        #expect(
            transient == ["rate_limited", "service", "network", "timeout", "keys_unavailable"])
    }

    @Test func everyReasonCrossesUnderItsCode() {
        #expect(Set(Self.reasons.map(\.1)) == Set(M2MError.InvalidTokenReason.allCases))
        for (native, reason) in Self.reasons {
            let thrown = nativeError(.invalidToken, reason: native)
            #expect(M2MError(thrown).reason == reason)
            #expect(thrown.reasonCode == reason.rawValue)
        }
    }

    @Test func absentFieldsAreNil() {
        let details = ErrorDetails(
            kind: .network, message: "gone", field: nil, statusCode: nil, requestId: nil,
            errorType: nil, errorMessage: nil, errorUrl: nil, retryAfter: nil, reason: nil,
            claim: nil, missingScopes: [], recovery: nil)
        let error = M2MError(nativeError(details))
        #expect(error.description == "network: gone")
        #expect(error.retryAfter == nil)
        #expect(error.reason == nil)
        #expect(error.missingScopes.isEmpty)
        #expect(error.wwwAuthenticate == nil)
    }
}

/// What the Rust core throws for an error of this kind with every field set.
private func nativeError(_ kind: ErrorKind, reason: InvalidTokenReason? = nil) -> NativeError {
    nativeError(
        ErrorDetails(
            kind: kind, message: "what and why", field: "field", statusCode: 418,
            requestId: "request-id-1", errorType: "type", errorMessage: "said",
            errorUrl: "https://stytch.com/docs", retryAfter: 1.5, reason: reason, claim: "exp",
            missingScopes: ["a", "b"], recovery: "look"))
}

private func nativeError(_ details: ErrorDetails) -> NativeError {
    do {
        try failWith(details: details)
    } catch let error as NativeError {
        return error
    } catch {
        Issue.record(error)
    }
    fatalError("failWith(details:) throws a NativeError")
}

extension NativeError {
    fileprivate var reasonCode: String? {
        switch self {
        case .Failed(_, let reasonCode, _, _, _, _, _, _): reasonCode
        }
    }
}
