internal import StytchM2MGenerated

/// For customers of a product that gives each organization one M2M client, by an API on the
/// product's own host (`/m2m/client-id` and so on); who talks to Stytch itself needs a
/// ``StytchClient``. The client's secret can be read, and rotates without an overlap.
///
/// Make one and keep it: copies share the credential and the cached token.
public struct OrganizationClient: Sendable {
    private let native: NativeOrganizationClient

    /// A client for an organization. No I/O.
    ///
    /// - Parameters:
    ///   - baseURL: The host of the API, as `https://api.example.com`.
    ///   - authorization: The value of the `Authorization` header, whole, as `Bearer ...`.
    ///   - transport: How requests are sent.
    /// - Throws: ``M2MError/invalidConfig(_:)``, naming the field.
    public init(
        baseURL: String, authorization: Secret, transport: TransportConfig = TransportConfig()
    ) throws {
        let settings = OrganizationSettings(
            baseUrl: baseURL, authorization: authorization.native, transport: transport.native)
        native = try rethrowing { try NativeOrganizationClient(settings: settings) }
    }

    /// The organization's client id.
    public func clientID() async throws -> String {
        try await cancellable { try await native.clientId(cancel: $0) }
    }

    /// The client's secret.
    public func clientSecret() async throws -> Secret {
        Secret(try await cancellable { try await native.clientSecret(cancel: $0) })
    }

    /// An access token, from the cache while it is fresh. The credential is read first, once, and
    /// again when the server refuses it, as it does after somebody else rotated.
    ///
    /// - Parameter forceRefresh: Ask the server even if a cached token is fresh.
    /// - Throws: ``M2MError/authentication(_:)`` when the `authorization` or the credential is
    ///   refused.
    public func token(forceRefresh: Bool = false) async throws -> Token {
        if !forceRefresh, let token = native.cachedToken() { return Token(token) }
        return Token(
            try await cancellable {
                try await native.token(forceRefresh: forceRefresh, cancel: $0)
            })
    }

    /// Replaces the secret: the old one is refused from now on, so every other holder of it must be
    /// given the new one. This client takes it up, and drops the cached token.
    ///
    /// - Throws: ``M2MError/outcomeUnknown(_:)`` when the answer was lost: read the secret and
    ///   compare.
    public func rotate() async throws -> Secret {
        Secret(try await cancellable { try await native.rotate(cancel: $0) })
    }

    /// What the token cache did so far.
    public func stats() -> CacheStats {
        CacheStats(native.stats())
    }
}
