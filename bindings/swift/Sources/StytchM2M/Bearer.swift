internal import StytchM2MGenerated

/// The token in an `Authorization` header's value: `Bearer`, in any case, and one token.
///
/// - Parameter value: The header's value, or `nil` for a request without the header.
/// - Throws: ``M2MError/invalidToken(_:)`` with the reason `missing` when there is no header or
///   another scheme, `malformed` when the scheme is not followed by exactly one token.
public func tokenFromAuthorizationHeader(_ value: String?) throws -> Secret {
    Secret(try rethrowing { try StytchM2MGenerated.tokenFromAuthorizationHeader(value: value) })
}

/// The token in a request's `Authorization` headers. Pass all of them, as the server received them.
///
/// - Parameter values: The values; none for a request without the header.
/// - Throws: ``M2MError/invalidToken(_:)`` as ``tokenFromAuthorizationHeader(_:)``, and with the
///   reason `malformed` for more than one header.
public func tokenFromAuthorizationHeaders(_ values: [String]) throws -> Secret {
    Secret(try rethrowing { try StytchM2MGenerated.tokenFromAuthorizationHeaders(values: values) })
}

/// Whether an answer says that the token itself is invalid, so that another token may help: status
/// 401 and a `Bearer` challenge with `error="invalid_token"` (RFC 6750, section 3.1).
///
/// - Parameters:
///   - status: The answer's HTTP status.
///   - wwwAuthenticate: The values of its `WWW-Authenticate` headers.
public func refusesToken(status: Int, wwwAuthenticate: [String]) -> Bool {
    guard let status = UInt16(exactly: status) else { return false }
    return StytchM2MGenerated.refusesToken(status: status, wwwAuthenticate: wwwAuthenticate)
}

/// The origins that an HTTP client may send tokens to.
package struct Origins: Sendable {
    private let native: NativeOrigins

    package init(_ origins: [String]) throws {
        native = try rethrowing { try NativeOrigins(origins: origins) }
    }

    /// Whether a request to `url` may carry the token.
    package func allows(_ url: String) -> Bool {
        native.allows(url: url)
    }
}
