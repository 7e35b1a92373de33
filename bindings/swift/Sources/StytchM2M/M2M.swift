internal import StytchM2MGenerated

/// The M2M calls of a ``StytchClient`` or ``B2BClient``.
public struct M2M: Sendable {
    let native: NativeClient

    /// Manages M2M clients. Needs the project's secret.
    public var clients: Clients {
        Clients(native: native)
    }

    /// Verification alone, with this project's cached keys.
    public var verifier: TokenVerifier {
        TokenVerifier(native: native.verifier())
    }

    /// An access token by the client-credentials grant (RFC 6749, section 4.4): from the cache
    /// while it is fresh, and with one request for all concurrent callers.
    ///
    /// - Parameters:
    ///   - clientID: The M2M client's id.
    ///   - clientSecret: Its secret.
    ///   - scopes: The scopes to request. Empty: all scopes of the client.
    ///   - audience: The `audience` parameter, which some servers need.
    ///   - resource: The resources that the token is for, as URLs (RFC 8707).
    ///   - extra: Additional parameters, which a custom-claims template can read as `{{
    ///     request.name }}`.
    ///   - forceRefresh: Fetch a new token even if a cached one is fresh.
    /// - Throws: ``M2MError/authentication(_:)`` for wrong credentials or a deactivated client,
    ///   ``M2MError/invalidRequest(_:)`` for a scope that the client does not have.
    public func token(
        clientID: String,
        clientSecret: Secret,
        scopes: [String] = [],
        audience: String? = nil,
        resource: [String] = [],
        extra: [String: String] = [:],
        forceRefresh: Bool = false
    ) async throws -> Token {
        let request = GrantRequest(
            clientId: clientID, clientSecret: clientSecret.native, scopes: scopes,
            resource: resource, audience: audience, extra: extra, forceRefresh: forceRefresh)
        if let token = native.cachedToken(request: request) { return Token(token) }
        return Token(try await cancellable { try await native.token(request: request, cancel: $0) })
    }

    /// Says that a server refused `accessToken`: the next call of
    /// ``token(clientID:clientSecret:scopes:audience:resource:extra:forceRefresh:)`` that would have
    /// returned it fetches another.
    public func invalidateToken(accessToken: Secret) {
        native.invalidateToken(accessToken: accessToken.reveal())
    }

    /// Verifies an access token of this project, as ``TokenVerifier/authenticateToken(accessToken:requiredScopes:organization:maxTokenAge:clockTolerance:authorize:)``
    /// does.
    public func authenticateToken(
        accessToken: Secret,
        requiredScopes: [String] = [],
        organization: RequiredOrganization? = nil,
        maxTokenAge: Duration? = nil,
        clockTolerance: Duration = .zero,
        authorize: TokenVerifier.Authorize? = nil
    ) async throws -> TokenClaims {
        try await verifier.authenticateToken(
            accessToken: accessToken, requiredScopes: requiredScopes, organization: organization,
            maxTokenAge: maxTokenAge, clockTolerance: clockTolerance, authorize: authorize)
    }
}
