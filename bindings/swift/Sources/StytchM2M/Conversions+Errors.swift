internal import StytchM2MGenerated

extension NativeError {
    var kind: ErrorKind {
        switch self {
        case .Failed(_, _, _, _, _, _, _, let details): details.kind
        }
    }
}

extension M2MError {
    init(_ native: NativeError) {
        let details = Details(native)
        self =
            switch native.kind {
            case .invalidConfig: .invalidConfig(details)
            case .authentication: .authentication(details)
            case .permissionDenied: .permissionDenied(details)
            case .notFound: .notFound(details)
            case .conflict: .conflict(details)
            case .invalidRequest: .invalidRequest(details)
            case .rateLimited: .rateLimited(details)
            case .service: .service(details)
            case .network: .network(details)
            case .timeout: .timeout(details)
            case .unexpectedResponse: .unexpectedResponse(details)
            case .outcomeUnknown: .outcomeUnknown(details)
            case .invalidToken: .invalidToken(details)
            case .insufficientScope: .insufficientScope(details)
            case .keysUnavailable: .keysUnavailable(details)
            case .cancelled: .cancelled(details)
            }
    }
}

extension M2MError.Details {
    init(_ native: NativeError) {
        switch native {
        case .Failed(
            let code, _, let text, let isTransient, let httpStatus, let wwwAuthenticate,
            let refusal,
            let details):
            self.code = code
            self.text = text
            self.isTransient = isTransient
            self.httpStatus = Int(httpStatus)
            self.wwwAuthenticate = wwwAuthenticate
            self.refusal = refusal.map {
                Refusal(status: Int($0.status), headers: $0.headers, body: $0.body)
            }
            message = details.message
            field = details.field
            statusCode = details.statusCode.map(Int.init)
            requestID = details.requestId
            errorType = details.errorType
            errorMessage = details.errorMessage
            errorURL = details.errorUrl
            retryAfter = details.retryAfter.map { .seconds($0) }
            reason = details.reason.map(M2MError.InvalidTokenReason.init)
            claim = details.claim
            missingScopes = details.missingScopes
            recovery = details.recovery
        }
    }
}

extension M2MError.InvalidTokenReason {
    init(_ native: InvalidTokenReason) {
        switch native {
        case .missing: self = .missing
        case .malformed: self = .malformed
        case .algorithmNotAllowed: self = .algorithmNotAllowed
        case .headerUnsupported: self = .headerUnsupported
        case .keyNotFound: self = .keyNotFound
        case .keyAmbiguous: self = .keyAmbiguous
        case .keyUnusable: self = .keyUnusable
        case .signatureInvalid: self = .signatureInvalid
        case .expired: self = .expired
        case .notYetValid: self = .notYetValid
        case .tooOld: self = .tooOld
        case .claimMissing: self = .claimMissing
        case .claimInvalid: self = .claimInvalid
        case .wrongTokenKind: self = .wrongTokenKind
        case .wrongOrganization: self = .wrongOrganization
        }
    }
}
