import Foundation
internal import StytchM2MGenerated

/// Verifies access tokens of one or several issuers. It needs no secret.
///
/// Make one and keep it: copies share the cached keys.
public struct TokenVerifier: Sendable {
    /// Decides in place of the comparison of scopes, given the claims and the required scopes.
    public typealias Authorize = @Sendable (TokenClaims, [String]) async throws -> Bool

    private let native: NativeTokenVerifier

    init(native: NativeTokenVerifier) {
        self.native = native
    }

    /// A verifier for a Stytch project. No I/O.
    ///
    /// - Parameters:
    ///   - projectID: The project's id. Default: `STYTCH_PROJECT_ID`.
    ///   - baseURL: Your custom domain, if you have one. Default: `STYTCH_BASE_URL`, or else
    ///     Stytch's live or test host, by the project id's prefix.
    ///   - vertical: The project's product line.
    ///   - verifiedTokenCacheSize: About how many verified tokens to remember, as of a ``StytchClient``.
    ///   - transport: How keys are fetched.
    /// - Throws: ``M2MError/invalidConfig(_:)``, naming the field.
    public init(
        projectID: String? = nil,
        baseURL: String? = nil,
        vertical: Vertical = .consumer,
        verifiedTokenCacheSize: Int = 0,
        transport: TransportConfig = TransportConfig()
    ) throws {
        let project = try IssuerConfig.stytch(
            projectID: projectID, baseURL: baseURL, vertical: vertical)
        try self.init(
            issuers: [project], verifiedTokenCacheSize: verifiedTokenCacheSize,
            transport: transport)
    }

    /// A verifier for several issuers, each with its own keys, audiences and algorithms, chosen by
    /// exact `iss`. No I/O.
    ///
    /// - Parameters:
    ///   - issuers: At least one, unless there is a resolver.
    ///   - issuerResolver: Decides about the issuers that are not listed. Default: none of them is
    ///     accepted.
    ///   - verifiedTokenCacheSize: About how many verified tokens to remember, as of a ``StytchClient``.
    ///   - transport: How keys are fetched.
    /// - Throws: ``M2MError/invalidConfig(_:)``, naming the field.
    public init(
        issuers: [IssuerConfig],
        issuerResolver: IssuerResolver? = nil,
        verifiedTokenCacheSize: Int = 0,
        transport: TransportConfig = TransportConfig()
    ) throws {
        let settings = VerifierSettings(
            issuers: issuers.map(\.native), issuerResolver: issuerResolver?.native,
            verifiedTokenCacheSize: Int64(verifiedTokenCacheSize), transport: transport.native)
        native = try rethrowing { try NativeTokenVerifier(settings: settings) }
    }

    /// Verifies an access token: signature, issuer, audience, times and scopes. Local, except for
    /// the first call, which fetches the key set.
    ///
    /// - Parameters:
    ///   - accessToken: The token, without `Bearer`.
    ///   - requiredScopes: Scopes that the token must grant; all are required. Default: none.
    ///   - organization: The organization that the token must belong to. A token of another one, or
    ///     of none, is ``M2MError/insufficientScope(_:)`` with the reason
    ///     ``M2MError/InvalidTokenReason/wrongOrganization``, before its scopes are compared.
    ///     Default: not checked.
    ///   - maxTokenAge: Refuses tokens this old or older, by `iat`, in whole seconds. Zero refuses
    ///     every token.
    ///   - clockTolerance: The allowed difference between the clocks when `exp`, `nbf` and `iat`
    ///     are compared, in whole seconds, 0 to 300. `nbf` and `iat` may always lie 5 seconds
    ///     ahead.
    ///   - authorize: Decides in place of the comparison of scopes. What it throws is thrown here.
    /// - Returns: What the token says.
    /// - Throws: ``M2MError/invalidToken(_:)`` with a reason, ``M2MError/insufficientScope(_:)``,
    ///   ``M2MError/keysUnavailable(_:)``, or ``M2MError/invalidConfig(_:)`` for wrong options.
    public func authenticateToken(
        accessToken: Secret,
        requiredScopes: [String] = [],
        organization: RequiredOrganization? = nil,
        maxTokenAge: Duration? = nil,
        clockTolerance: Duration = .zero,
        authorize: Authorize? = nil
    ) async throws -> TokenClaims {
        let options = VerifySettings(
            requiredScopes: requiredScopes, organization: organization?.id,
            requireOrganization: organization != nil,
            maxTokenAgeSeconds: maxTokenAge?.wholeSeconds,
            clockToleranceSeconds: clockTolerance.wholeSeconds, skipScopes: authorize != nil)
        let request = VerifyRequest(accessToken: accessToken.native, options: options)
        let claims = try await verified(request)
        if let authorize, try await !authorize(claims, requiredScopes) {
            try rethrowing { try refuseScopes(missing: claims.missingScopes(requiredScopes)) }
        }
        return claims
    }

    /// Fetches every key set that is not cached, so that the first verification does not wait.
    public func warmUp() async throws {
        try await cancellable { try await native.warmUp(cancel: $0) }
    }

    /// Takes the text of a JWK Set that was fetched elsewhere at `fetchedAt`, unless the one at
    /// hand is newer: for cold starts without network. It ages as if this verifier had fetched it.
    ///
    /// - Parameters:
    ///   - jwks: The text.
    ///   - fetchedAt: When it was fetched.
    ///   - issuer: One of the issuer's names; `nil` will do where there is one issuer.
    /// - Throws: ``M2MError/invalidConfig(_:)`` when the set is not usable, or no fetched key set is
    ///   the issuer's.
    public func seedJWKS(_ jwks: String, fetchedAt: Date, issuer: String? = nil) throws {
        try rethrowing {
            try native.seedJwks(issuer: issuer, jwks: jwks, fetchedAt: fetchedAt.clamped)
        }
    }

    /// The cached key sets that were fetched, for ``seedJWKS(_:fetchedAt:issuer:)``.
    public func exportJWKS() -> [ExportedKeySet] {
        native.exportJwks().map(ExportedKeySet.init)
    }

    /// The state of each issuer's key set. Fetches nothing.
    public func health() -> [KeySetHealth] {
        native.health().map(KeySetHealth.init)
    }

    /// Counters of the key caches of all issuers.
    public func stats() -> CacheStats {
        CacheStats(native.stats())
    }

    private func verified(_ request: VerifyRequest) async throws -> TokenClaims {
        let decided = try rethrowing { try native.authenticateTokenNow(request: request) }
        if let decided { return TokenClaims(decided) }
        return TokenClaims(
            try await cancellable {
                try await native.authenticateToken(request: request, cancel: $0)
            })
    }
}
