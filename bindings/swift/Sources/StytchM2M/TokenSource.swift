internal import StytchM2MGenerated

/// Access tokens for one M2M client, cached and refreshed ahead. It needs no project secret.
///
/// ```swift
/// let source = try TokenSource(clientID: id, clientSecret: Secret(secret))
/// request.setValue(
///     try await source.authorizationHeader().reveal(), forHTTPHeaderField: "Authorization")
/// ```
///
/// Make one and keep it: copies share the cached token.
public struct TokenSource: Sendable {
    private let native: NativeTokenSource

    /// A source for one client. No I/O.
    ///
    /// - Parameters:
    ///   - clientID: The M2M client's id.
    ///   - clientSecret: Its secret.
    ///   - projectID: The project whose token endpoint is asked. Default: `STYTCH_PROJECT_ID`.
    ///   - baseURL: The API's address. Default: `STYTCH_BASE_URL`, or else Stytch's live or test
    ///     host, by the project id's prefix.
    ///   - tokenURL: Another server's token endpoint, in place of `projectID` and `baseURL`.
    ///   - scopes: The scopes to request. Empty: all scopes of the client.
    ///   - extra: Additional parameters, such as `audience`.
    ///   - tokenStoreURL: A Redis or Valkey to share tokens through, as of a ``StytchClient``.
    ///   - tokenStoreKey: What seals them there, as of a ``StytchClient``.
    ///   - tokenStoreAllowUnencrypted: Whether its password may be sent unencrypted, as of a
    ///     ``StytchClient``.
    ///   - transport: Timeouts, TLS and proxy.
    /// - Throws: ``M2MError/invalidConfig(_:)``, naming the field.
    public init(
        clientID: String,
        clientSecret: Secret,
        projectID: String? = nil,
        baseURL: String? = nil,
        tokenURL: String? = nil,
        scopes: [String] = [],
        extra: [String: String] = [:],
        tokenStoreURL: Secret? = nil,
        tokenStoreKey: Secret? = nil,
        tokenStoreAllowUnencrypted: Bool = false,
        transport: TransportConfig = TransportConfig()
    ) throws {
        let settings = TokenSourceSettings(
            projectId: projectID, baseUrl: baseURL, tokenUrl: tokenURL, clientId: clientID,
            clientSecret: clientSecret.native, scopes: scopes, extra: extra,
            tokenStoreUrl: tokenStoreURL?.native, tokenStoreKey: tokenStoreKey?.native,
            tokenStoreAllowUnencrypted: tokenStoreAllowUnencrypted,
            transport: transport.native)
        native = try rethrowing { try NativeTokenSource(settings: settings) }
    }

    /// Returns a fresh token: the cached one, or a new one, fetched with one request for all
    /// concurrent callers.
    public func getToken() async throws -> Token {
        if let token = native.cachedToken() { return Token(token) }
        return Token(try await cancellable { try await native.getToken(cancel: $0) })
    }

    /// Says that a server refused `accessToken`: unless a newer one is there already, the next
    /// ``getToken()`` fetches.
    public func invalidate(accessToken: Secret) {
        native.invalidate(accessToken: accessToken.reveal())
    }

    /// Counters of the cache.
    public func stats() -> CacheStats {
        CacheStats(native.stats())
    }

    /// The value of an `Authorization` header, `Bearer ...`, with a fresh token.
    public func authorizationHeader() async throws -> Secret {
        try await getToken().authorizationHeader
    }
}
