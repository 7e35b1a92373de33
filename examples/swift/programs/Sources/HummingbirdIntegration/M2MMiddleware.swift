import HTTPTypes
import Hummingbird
import StytchM2M

/// A request's context with the claims of its token.
public protocol M2MRequestContext: RequestContext {
    var claims: TokenClaims? { get set }
}

/// Lets in only requests whose token is valid and has the scopes.
public struct M2MMiddleware<Context: M2MRequestContext>: RouterMiddleware {
    /// The organization that a request's token must belong to.
    public typealias Organization =
        @Sendable (Request, Context) async throws -> RequiredOrganization

    let verifier: TokenVerifier
    let requiredScopes: [String]
    let organization: Organization?
    let maxTokenAge: Duration?
    let clockTolerance: Duration
    let authorize: TokenVerifier.Authorize?

    /// `organization` returns the one that the token must belong to, such as
    /// `{ _, context in .exactly(context.parameters.get("tenant")) }`. `authorize` replaces the comparison of scopes.
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

    public func handle(
        _ request: Request, context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        do {
            let token = try tokenFromAuthorizationHeaders(request.headers[values: .authorization])
            context.claims = try await verifier.authenticateToken(
                accessToken: token, requiredScopes: requiredScopes,
                organization: organization?(request, context), maxTokenAge: maxTokenAge,
                clockTolerance: clockTolerance, authorize: authorize)
        } catch let error as M2MError {
            // 401, 403 or 503. Any other error is a fault of this service.
            guard let refusal = error.refusal else { throw error }
            return response(refusal)
        }
        return try await next(request, context)
    }

    private func response(_ refusal: Refusal) -> Response {
        var headers = HTTPFields()
        for (name, value) in refusal.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        let body = ResponseBody(byteBuffer: ByteBuffer(string: refusal.body))
        return Response(status: .init(code: refusal.status), headers: headers, body: body)
    }
}
