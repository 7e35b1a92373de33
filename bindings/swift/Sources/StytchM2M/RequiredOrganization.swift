/// The organization that a token must belong to, by ``TokenClaims/organization``.
///
/// ```swift
/// try await verifier.authenticateToken(
///     accessToken: token, organization: .exactly(request.parameters.get("tenant")))
/// ```
///
/// A text literal is an id.
public enum RequiredOrganization: Hashable, Sendable {
    /// The organization with this id, compared exactly. `nil` is nobody's: every token is refused, so
    /// that an id which a request lacks lets nobody in.
    case exactly(String?)
    /// Any organization, but one.
    case any
}

extension RequiredOrganization: ExpressibleByStringLiteral {
    /// The organization with this id.
    public init(stringLiteral id: String) {
        self = .exactly(id)
    }
}

extension RequiredOrganization {
    /// The only id to accept, as it crosses.
    var id: String? {
        switch self {
        case .exactly(let id): id ?? ""
        case .any: nil
        }
    }
}
