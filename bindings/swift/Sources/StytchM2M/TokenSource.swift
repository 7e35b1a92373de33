internal import StytchM2MGenerated

/// Access tokens for one M2M client, cached and refreshed ahead. It needs no project secret.
///
/// ```swift
/// let source = try TokenSource(clientID: id, clientSecret: .file("/run/secrets/client"))
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
    ///   - clientID: The M2M client's id. Default: `STYTCH_CLIENT_ID`.
    ///   - clientSecret: Its secret. Default: `STYTCH_CLIENT_SECRET`, or the file that
    ///     `STYTCH_CLIENT_SECRET_FILE` names.
    ///   - projectID: The project whose token endpoint is asked. Default: `STYTCH_PROJECT_ID`.
    ///   - baseURL: The API's address. Default: `STYTCH_BASE_URL`, or else Stytch's live or test
    ///     host, by the project id's prefix.
    ///   - tokenURL: Another server's token endpoint, in place of `projectID` and `baseURL`.
    ///     Default: `STYTCH_TOKEN_URL`.
    ///   - issuer: Another server's issuer, whose discovery document names its token endpoint and
    ///     the ways to authenticate there.
    ///   - scopes: The scopes to request. Empty: all scopes of the client.
    ///   - audience: The `audience` parameter, which some servers need.
    ///   - resource: The resources that the token is for, as URLs (RFC 8707).
    ///   - extra: Additional parameters.
    ///   - clientAuth: How the client authenticates. Default: with `issuer` what the server offers,
    ///     else `client_secret_post`; or `private_key_jwt` with a `privateKey` or a
    ///     `clientAssertion`.
    ///   - nextClientSecret: The client's other secret during a rotation. It is tried when the server
    ///     refuses the one in use, and then stays in use until it is refused.
    ///   - privateKey: The private key that signs the client's assertions: PEM (PKCS#8, PKCS#1 or
    ///     SEC 1) or a private JWK.
    ///   - keyID: The `kid` of the assertions. Default: the JWK's.
    ///   - signingAlgorithm: The algorithm of the assertions' signatures. Default: the JWK's, or else
    ///     `RS256`, `ES256`, `ES384` or `EdDSA`, by the type of the key.
    ///   - assertionAudience: The `aud` of the assertions. Default: the issuer if it was discovered,
    ///     else the URL of the token endpoint.
    ///   - clientAssertion: An assertion that the client's platform issued to it, in place of a
    ///     `privateKey` (RFC 7523, section 2.2): for example the file of a Kubernetes service
    ///     account token. It is read before each token request.
    ///   - assertion: An assertion to exchange for a token, in place of the client-credentials grant
    ///     (RFC 7523, section 2.1). It is read before each token request.
    ///   - tokenStoreURL: A Redis or Valkey to share tokens through, as of a ``StytchClient``.
    ///   - tokenStoreKey: What seals them there, as of a ``StytchClient``.
    ///   - tokenStoreAllowUnencrypted: Whether its password may be sent unencrypted, as of a
    ///     ``StytchClient``.
    ///   - transport: Timeouts, TLS and proxy.
    /// - Throws: ``M2MError/invalidConfig(_:)``, naming the field.
    public init(
        clientID: String? = nil,
        clientSecret: SecretSource? = nil,
        projectID: String? = nil,
        baseURL: String? = nil,
        tokenURL: String? = nil,
        issuer: String? = nil,
        scopes: [String] = [],
        audience: String? = nil,
        resource: [String] = [],
        extra: [String: String] = [:],
        clientAuth: ClientAuth? = nil,
        nextClientSecret: SecretSource? = nil,
        privateKey: SecretSource? = nil,
        keyID: String? = nil,
        signingAlgorithm: Algorithm? = nil,
        assertionAudience: String? = nil,
        clientAssertion: SecretSource? = nil,
        assertion: SecretSource? = nil,
        tokenStoreURL: Secret? = nil,
        tokenStoreKey: Secret? = nil,
        tokenStoreAllowUnencrypted: Bool = false,
        transport: TransportConfig = TransportConfig()
    ) throws {
        let settings = TokenSourceSettings(
            projectId: projectID, baseUrl: baseURL, tokenUrl: tokenURL, issuer: issuer,
            clientId: clientID, clientAuth: clientAuth?.native,
            clientSecret: clientSecret?.native, nextClientSecret: nextClientSecret?.native,
            privateKey: privateKey?.native, keyId: keyID,
            signingAlgorithm: signingAlgorithm?.native, assertionAudience: assertionAudience,
            clientAssertion: clientAssertion?.native, assertion: assertion?.native, scopes: scopes,
            resource: resource, audience: audience, extra: extra,
            tokenStoreUrl: tokenStoreURL?.native, tokenStoreKey: tokenStoreKey?.native,
            tokenStoreAllowUnencrypted: tokenStoreAllowUnencrypted, transport: transport.native)
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
