internal import StytchM2MGenerated

/// A project's M2M API: manages clients, fetches access tokens, verifies them.
///
/// ```swift
/// let client = try StytchClient(projectID: "project-test-...", secret: .env("BILLING_SECRET"))
/// let claims = try await client.m2m.authenticateToken(
///     accessToken: token, requiredScopes: ["read:users"])
/// ```
///
/// Make one and keep it: copies share caches and connections. Making one does no I/O.
public struct StytchClient: Sendable {
    private let native: NativeClient

    /// A client for a project. No I/O.
    ///
    /// - Parameters:
    ///   - projectID: `project-test-...` or `project-live-...`. Default: `STYTCH_PROJECT_ID`.
    ///   - secret: The project's secret, which may change while the client is in use; fetching and
    ///     verifying tokens does not need it. Default: `STYTCH_SECRET`.
    ///   - baseURL: Where the API is: a custom domain or an emulator. Default: `STYTCH_BASE_URL`,
    ///     or else Stytch's live or test host, by the project id's prefix.
    ///   - vertical: The project's product line.
    ///   - organizationKey: The key of `trustedMetadata` that holds a client's organization:
    ///     `organizationID` of calls and records is its value. Default: `organization_id`.
    ///   - verifiedTokenCacheSize: Approximate number of verified tokens to cache. A cached token
    ///     needs no signature check the next time; its key, times and scopes are still checked. At
    ///     most 1,048,576. Default 0: no cache.
    ///   - tokenCacheCapacity: Maximum number of grants whose access token is cached. A full cache
    ///     evicts grants without a token first, then the least recently used. From 1 to 1,048,576.
    ///     Default: 10,000.
    ///   - tokenStoreURL: URL of a Redis or Valkey server through which processes share access
    ///     tokens, so that one process fetches for all: `rediss://user:password@host:6379/0`. While
    ///     the server is unavailable, each process fetches its own token. Default: none.
    ///   - tokenStoreKey: Key that encrypts the tokens in the store: 32 random bytes in base64. To
    ///     replace a key, give several, separated by commas: the first encrypts, and each of them
    ///     decrypts. Required with a store.
    ///   - tokenStoreAllowUnencrypted: Allows a `tokenStoreURL` with a password that is sent
    ///     unencrypted, by `redis://`, to a host other than this one.
    ///   - transport: Timeouts, TLS and proxy.
    /// - Throws: ``M2MError/invalidConfig(_:)``, naming the field.
    public init(
        projectID: String? = nil,
        secret: SecretSource? = nil,
        baseURL: String? = nil,
        vertical: Vertical = .consumer,
        organizationKey: String? = nil,
        verifiedTokenCacheSize: Int = 0,
        tokenCacheCapacity: Int? = nil,
        tokenStoreURL: Secret? = nil,
        tokenStoreKey: Secret? = nil,
        tokenStoreAllowUnencrypted: Bool = false,
        transport: TransportConfig = TransportConfig()
    ) throws {
        let settings = ClientSettings(
            projectId: projectID, secret: secret?.native, baseUrl: baseURL,
            vertical: vertical.native, organizationKey: organizationKey,
            verifiedTokenCacheSize: Int64(verifiedTokenCacheSize),
            tokenCacheCapacity: tokenCacheCapacity.map(Int64.init),
            tokenStoreUrl: tokenStoreURL?.native, tokenStoreKey: tokenStoreKey?.native,
            tokenStoreAllowUnencrypted: tokenStoreAllowUnencrypted,
            transport: transport.native)
        native = try rethrowing { try NativeClient(settings: settings) }
    }

    /// The M2M calls.
    public var m2m: M2M {
        M2M(native: native)
    }

    /// The project's id.
    public var projectID: String {
        native.projectId()
    }

    /// Counters of the caches of tokens and keys.
    public func stats() -> ClientStats {
        ClientStats(native.stats())
    }
}

/// A ``StytchClient`` for a project of B2B SaaS Authentication.
public struct B2BClient: Sendable {
    private let client: StytchClient

    /// A client with the settings of ``StytchClient``.
    ///
    /// - Throws: ``M2MError/invalidConfig(_:)``, naming the field.
    public init(
        projectID: String? = nil,
        secret: SecretSource? = nil,
        baseURL: String? = nil,
        organizationKey: String? = nil,
        verifiedTokenCacheSize: Int = 0,
        tokenCacheCapacity: Int? = nil,
        tokenStoreURL: Secret? = nil,
        tokenStoreKey: Secret? = nil,
        tokenStoreAllowUnencrypted: Bool = false,
        transport: TransportConfig = TransportConfig()
    ) throws {
        client = try StytchClient(
            projectID: projectID, secret: secret, baseURL: baseURL, vertical: .b2b,
            organizationKey: organizationKey,
            verifiedTokenCacheSize: verifiedTokenCacheSize, tokenCacheCapacity: tokenCacheCapacity,
            tokenStoreURL: tokenStoreURL, tokenStoreKey: tokenStoreKey,
            tokenStoreAllowUnencrypted: tokenStoreAllowUnencrypted, transport: transport)
    }

    /// The M2M calls.
    public var m2m: M2M {
        client.m2m
    }

    /// The project's id.
    public var projectID: String {
        client.projectID
    }

    /// Counters of the caches of tokens and keys.
    public func stats() -> ClientStats {
        client.stats()
    }
}
