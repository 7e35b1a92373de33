internal import StytchM2MGenerated

/// A project's M2M API: manages clients, fetches access tokens, verifies them.
///
/// ```swift
/// let client = try Client(projectID: "project-test-...", secret: Secret(secret))
/// let claims = try await client.m2m.authenticateToken(
///     accessToken: token, requiredScopes: ["read:users"])
/// ```
///
/// Make one and keep it: copies share caches and connections. Making one does no I/O.
public struct Client: Sendable {
    /// The M2M calls.
    public let m2m: M2M

    /// A client for a project of Consumer Authentication.
    ///
    /// - Parameters:
    ///   - projectID: `project-test-...` or `project-live-...`. Default: `STYTCH_PROJECT_ID`.
    ///   - secret: The project's secret; fetching and verifying tokens does not need it.
    ///     Default: `STYTCH_SECRET`.
    ///   - baseURL: Where the API is: a custom domain or an emulator. Default: `STYTCH_BASE_URL`,
    ///     or else Stytch's live or test host, by the project id's prefix.
    ///   - tokenStoreURL: A Redis or Valkey through which processes share access tokens, so that
    ///     one fetches for all: `rediss://user:password@host:6379/0`. While it is away, each
    ///     process fetches for itself. Default: none.
    ///   - tokenStoreKey: What seals the tokens there: 32 random bytes in base64. Several,
    ///     separated by commas, open what any of them sealed; the first seals. Required with a
    ///     store.
    ///   - transport: How requests are sent.
    /// - Throws: ``M2MError/invalidConfig(_:)``, naming the field.
    public init(
        projectID: String? = nil,
        secret: Secret? = nil,
        baseURL: String? = nil,
        tokenStoreURL: Secret? = nil,
        tokenStoreKey: Secret? = nil,
        transport: TransportConfig = TransportConfig()
    ) throws {
        let store = (tokenStoreURL, tokenStoreKey)
        m2m = try M2M(projectID, secret, baseURL, .consumer, store, transport)
    }
}

/// The same as ``Client`` for a project of B2B SaaS Authentication.
public struct B2BClient: Sendable {
    /// The M2M calls.
    public let m2m: M2M

    /// A client for a project of B2B SaaS Authentication, with the settings of ``Client``.
    ///
    /// - Throws: ``M2MError/invalidConfig(_:)``, naming the field.
    public init(
        projectID: String? = nil,
        secret: Secret? = nil,
        baseURL: String? = nil,
        tokenStoreURL: Secret? = nil,
        tokenStoreKey: Secret? = nil,
        transport: TransportConfig = TransportConfig()
    ) throws {
        let store = (tokenStoreURL, tokenStoreKey)
        m2m = try M2M(projectID, secret, baseURL, .b2b, store, transport)
    }
}
