import StytchM2MGenerated

@testable import StytchM2M

/// A case of `bearer.json`.
func bearer(_ vector: Vector) -> [String: JSONValue] {
    let given = vector.given?.objectValue ?? [:]
    func strings(_ name: String) -> [String] {
        (given[name]?.arrayValue ?? []).compactMap(\.stringValue)
    }
    do {
        switch vector.call {
        case "token_from_authorization_headers":
            return ["token": .string(try tokenFromAuthorizationHeaders(strings("values")).reveal())]
        case "refuses_token":
            let status = Int(given["status"]?.integerValue ?? 0)
            let challenges = strings("www_authenticate")
            return ["refuses": .bool(refusesToken(status: status, wwwAuthenticate: challenges))]
        case "origins":
            let origins = try rethrowing { try NativeOrigins(origins: strings("origins")) }
            return ["allows": .bool(origins.allows(url: given["url"]?.stringValue ?? ""))]
        case "missing_scopes":
            let missing = StytchM2MGenerated.missingScopes(
                scopes: strings("scopes"), wildcardScopes: given["wildcard_scopes"] == .bool(true),
                required: strings("required"))
            return ["missing": .strings(missing)]
        case "insufficient_scope":
            try rethrowing { try refuseScopes(missing: strings("missing")) }
        default:
            let code = given["code"]?.stringValue
            let kind = ErrorTests.kinds.first { $0.1 == code }?.0 ?? .network
            let details = ErrorDetails(
                kind: kind, message: "message", field: nil, statusCode: nil, requestId: nil,
                errorType: nil, errorMessage: nil, errorUrl: nil, retryAfter: 1.5,
                reason: .expired, claim: nil, missingScopes: ["read:users"], recovery: nil)
            try rethrowing { try failWith(details: details) }
        }
        return [:]
    } catch let error as M2MError {
        return error.members
    } catch {
        return ["error": .string("\(error)")]
    }
}
