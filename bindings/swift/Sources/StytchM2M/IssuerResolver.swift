internal import StytchM2MGenerated

/// Decides which issuers are accepted beside the listed ones, such as the customers of a SaaS who
/// each have an issuer of their own.
///
/// ```swift
/// let resolver = IssuerResolver { issuer in
///     await customers.has(issuer) ? .discover(issuer: issuer, audiences: audiences) : nil
/// }
/// ```
///
/// The function is called with the `iss` of a token whose header was found valid, and never for a
/// listed issuer. Its answers are cached; one call serves all concurrent verifications of an issuer, at
/// most 16 calls run at once, and each may take as long as one attempt of a request
/// (``TransportConfig/attemptTimeout``). While it throws, tokens of issuers that are not cached are
/// ``M2MError/keysUnavailable(_:)`` (503), which names the error's type and not its message; cached
/// ones stay accepted for ``TransportConfig/maxKeyAge``.
public struct IssuerResolver: Sendable {
    /// How long an issuer is accepted before the function is called again, 1 second to 24 hours. If
    /// the answer is then the same, the cached keys stay in use. Default: 10 minutes.
    public var lifetime: Duration?
    /// How long an issuer is refused before the function is called again, 1 second to 24 hours.
    /// Default: 60 seconds.
    public var negativeLifetime: Duration?
    /// Maximum number of accepted issuers in the cache, and of refused ones, 1 to 65,536; the least
    /// recently used leave first. Default: 1,000.
    public var maxIssuers: Int?

    private let function: any ResolverFunctionSource

    /// A resolver by a function that returns the settings of an issuer, or `nil` if its tokens are not
    /// accepted. It is given the `iss` of a token that is not verified yet: look it up among those
    /// that you know, and never make the address of its keys from an unknown one. The settings must
    /// name it among their ``IssuerConfig/issuers``; they are used for it alone.
    public init(
        lifetime: Duration? = nil, negativeLifetime: Duration? = nil, maxIssuers: Int? = nil,
        _ resolve: @escaping @Sendable (_ issuer: String) async throws -> IssuerConfig?
    ) {
        self.init(lifetime, negativeLifetime, maxIssuers, Issuers(resolve: resolve))
    }

    /// A resolver of the tenants of Microsoft Entra ID that `isAccepted` accepts, by their ids, with
    /// the settings of ``IssuerConfig/entra(tenant:audience:)``. It is asked only about the `iss` of
    /// Entra's tokens of version 1.0 and 2.0.
    public static func entra(
        audience: String, lifetime: Duration? = nil, negativeLifetime: Duration? = nil,
        maxIssuers: Int? = nil,
        isAccepted: @escaping @Sendable (_ tenant: String) async throws -> Bool
    ) -> IssuerResolver {
        let tenants = Tenants(audience: audience, isAccepted: isAccepted)
        return IssuerResolver(lifetime, negativeLifetime, maxIssuers, tenants)
    }

    private init(
        _ lifetime: Duration?, _ negativeLifetime: Duration?, _ maxIssuers: Int?,
        _ function: any ResolverFunctionSource
    ) {
        self.lifetime = lifetime
        self.negativeLifetime = negativeLifetime
        self.maxIssuers = maxIssuers
        self.function = function
    }

    var native: ResolverSettings {
        ResolverSettings(
            function: function.native, lifetimeSeconds: lifetime?.wholeSeconds,
            negativeLifetimeSeconds: negativeLifetime?.wholeSeconds,
            maxIssuers: maxIssuers.map { Int64($0) })
    }
}

extension IssuerResolver: CustomStringConvertible {
    /// The type's name.
    public var description: String { "IssuerResolver" }
}

private protocol ResolverFunctionSource: Sendable {
    var native: ResolverFunction { get }
}

private final class Issuers: IssuerFunction, ResolverFunctionSource {
    private let resolve: @Sendable (String) async throws -> IssuerConfig?

    init(resolve: @escaping @Sendable (String) async throws -> IssuerConfig?) {
        self.resolve = resolve
    }

    var native: ResolverFunction { .issuers(self) }

    func begin(issuer: String, reply: IssuerReply) {
        Task.detached { [resolve] in
            do {
                reply.succeed(issuer: try await resolve(issuer)?.native)
            } catch {
                // Only the type: the message may hold anything.
                reply.fail(cause: "it threw \(type(of: error))")
            }
        }
    }
}

private final class Tenants: TenantFunction, ResolverFunctionSource {
    private let audience: String
    private let isAccepted: @Sendable (String) async throws -> Bool

    init(audience: String, isAccepted: @escaping @Sendable (String) async throws -> Bool) {
        self.audience = audience
        self.isAccepted = isAccepted
    }

    var native: ResolverFunction { .entraTenants(audience: audience, isAccepted: self) }

    func begin(tenant: String, reply: TenantReply) {
        Task.detached { [isAccepted] in
            do {
                reply.succeed(isAccepted: try await isAccepted(tenant))
            } catch {
                reply.fail(cause: "it threw \(type(of: error))")
            }
        }
    }
}
