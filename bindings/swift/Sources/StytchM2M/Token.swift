import Foundation

/// An access token.
public struct Token: Hashable, Sendable {
    /// The access token.
    public let accessToken: Secret
    /// `bearer`, in the server's spelling.
    public let tokenType: String
    /// How long until it expires, counted from now and not from when it was fetched.
    public let expiresIn: Duration
    /// When the token expires.
    public let expiresAt: Date
    /// The granted scopes, if the server returns them (RFC 6749, section 5.1).
    public let grantedScopes: [String]?
    /// The server's id of the request that fetched the token.
    public let requestID: String?
    /// The HTTP status of that request.
    public let statusCode: Int

    /// The value of an `Authorization` header: `Bearer ...`.
    public var authorizationHeader: Secret {
        Secret("Bearer \(accessToken.reveal())")
    }
}
