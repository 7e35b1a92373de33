import StytchM2M
import Vapor

/// Lets in only requests whose token is valid and has the scopes.
public struct M2MMiddleware: AsyncMiddleware {
    /// The organization that a request's token must belong to.
    public typealias Organization =
        @Sendable (Request) async throws -> RequiredOrganization

    let verifier: TokenVerifier
    let requiredScopes: [String]
    let organization: Organization?
    let maxTokenAge: Duration?
    let clockTolerance: Duration
    let authorize: TokenVerifier.Authorize?

    /// `organization` returns the one that the token must belong to, such as
    /// `{ .exactly($0.parameters.get("tenant")) }`. `authorize` replaces the comparison of scopes.
    public init(
        _ verifier: TokenVerifier, requiredScopes: [String] = [],
        organization: Organization? = nil,
        maxTokenAge: Duration? = nil, clockTolerance: Duration = .zero,
        authorize: TokenVerifier.Authorize? = nil
    ) {
        self.verifier = verifier
        self.requiredScopes = requiredScopes
        self.organization = organization
        self.maxTokenAge = maxTokenAge
        self.clockTolerance = clockTolerance
        self.authorize = authorize
    }

    public func respond(
        to request: Request, chainingTo next: any AsyncResponder
    ) async throws -> Response {
        do {
            let token = try tokenFromAuthorizationHeaders(request.headers["Authorization"])
            request.claims = try await verifier.authenticateToken(
                accessToken: token, requiredScopes: requiredScopes,
                organization: organization?(request), maxTokenAge: maxTokenAge,
                clockTolerance: clockTolerance, authorize: authorize)
        } catch let error as M2MError {
            // 401, 403 or 503. Any other error is a fault of this service.
            guard let refusal = error.refusal else { throw error }
            return Response(
                status: .init(statusCode: refusal.status),
                headers: HTTPHeaders(refusal.headers.map { ($0.key, $0.value) }),
                body: .init(string: refusal.body))
        }
        return try await next.respond(to: request)
    }
}

extension Request {
    private struct ClaimsKey: StorageKey {
        typealias Value = TokenClaims
    }

    /// The claims of the request's token.
    public var claims: TokenClaims? {
        get { storage[ClaimsKey.self] }
        set { storage[ClaimsKey.self] = newValue }
    }
}
