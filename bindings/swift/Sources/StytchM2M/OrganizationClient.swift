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
    ///   - baseURL: The API's host, such as `https://api.example.com`.
    ///   - authorization: The whole value of the `Authorization` header, such as `Bearer ...`.
    ///   - transport: Timeouts, TLS and proxy.
    /// - Throws: ``M2MError/invalidConfig(_:)``, naming the field.
    public init(
        baseURL: String, authorization: Secret, transport: TransportConfig = TransportConfig()
    ) throws {
        let settings = OrganizationSettings(
            baseUrl: baseURL, authorization: authorization.native, transport: transport.native)
        native = try rethrowing { try NativeOrganizationClient(settings: settings) }
    }

    /// Returns the organization's client id.
    public func clientID() async throws -> String {
        try await cancellable { try await native.clientId(cancel: $0) }
    }

    /// Returns the client's secret.
    public func clientSecret() async throws -> Secret {
        Secret(try await cancellable { try await native.clientSecret(cancel: $0) })
    }

    /// An access token, from the cache while it is fresh. The credential is read first, once, and
    /// again when the server refuses it, as it does after somebody else rotated.
    ///
    /// - Parameter forceRefresh: Fetch a new token even if a cached one is fresh.
    /// - Throws: ``M2MError/authentication(_:)`` when the `authorization` or the credential is
    ///   refused.
    public func token(forceRefresh: Bool = false) async throws -> Token {
        if !forceRefresh, let token = native.cachedToken() { return Token(token) }
        return Token(
            try await cancellable {
                try await native.token(forceRefresh: forceRefresh, cancel: $0)
            })
    }

    /// Replaces the secret and returns the new one. The old secret stops working at once: give the
    /// new one to every other user of it. This client uses the new secret and drops its cached
    /// token.
    ///
    /// - Throws: ``M2MError/outcomeUnknown(_:)`` when the answer was lost: read the secret and
    ///   compare.
    public func rotate() async throws -> Secret {
        Secret(try await cancellable { try await native.rotate(cancel: $0) })
    }

    /// Counters of the token cache.
    public func stats() -> CacheStats {
        CacheStats(native.stats())
    }
}
