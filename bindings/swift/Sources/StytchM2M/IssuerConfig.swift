internal import StytchM2MGenerated

/// An issuer whose tokens a ``TokenVerifier`` accepts.
public struct IssuerConfig: Hashable, Sendable {
    /// The issuer's `iss` values, compared exactly.
    public var issuers: [String]
    /// A token's `aud` must contain at least one of these. If there is none, only tokens without
    /// `aud` are accepted, and only of ``clientIDs``.
    public var audiences: [String]
    /// The allowed signature algorithms. Default: RS256.
    public var algorithms: [Algorithm]
    /// The source of its keys.
    public var keys: KeySource
    /// How the claims name the client.
    public var profile: TokenProfile
    /// Whether to accept tokens without `typ`. Default: no.
    public var allowMissingTyp: Bool
    /// Whether to accept tokens without `kid` if exactly one key fits. Default: yes for the profile
    /// ``TokenProfile/oauth``; no for Stytch, Auth0 and the other providers that have a function, whose
    /// tokens always name their key.
    public var allowMissingKid: Bool
    /// Whether to accept `scope` as an array of strings. Default: no.
    public var acceptScopeArray: Bool
    /// Whether `read:*` in a token grants every `read:<resource>`. Default: yes for a Stytch project,
    /// no for every other issuer.
    public var wildcardScopes: Bool
    /// Whether to accept tokens that are bound to a key of the client (`cnf`: DPoP, mTLS). The
    /// caller must check the binding; the verifier does not. Default: no.
    public var allowBoundTokens: Bool
    /// The only `typ` to accept, such as `at+jwt`. Default: `JWT` and `at+jwt`.
    public var requireTyp: String?
    /// New names of scopes: by the name in the token, the name that the claims and the required
    /// scopes have. A name of `*` stands for all others, and `*` in its new name for the old one, as in
    /// `["*": "billing.*"]`. What is not mentioned keeps its name. Default: none.
    public var scopeMap: [String: String]
    /// Claims that a token must have as strings with exactly these values. Default: none.
    public var requiredClaims: [String: String]
    /// ``TokenProfile/oauth``: refuse tokens whose `sub` is not the client that `client_id` or `azp`
    /// names, which is how most issuers mark a user's token. Default: no.
    public var requireClientSubject: Bool
    /// The clients whose tokens are accepted. Default: every client of the issuer, which needs
    /// ``audiences``.
    public var clientIDs: [String]
    /// Claims that name the client, for ``TokenProfile/oauth``: the first one in the token does, and
    /// the others, if present, must name the same. A token with none of them is refused. Default: as
    /// the profile says.
    public var clientIDClaims: [String]
    /// Claims with the scopes, together: names such as `scp`, and paths such as
    /// `realm_access.roles` or `resource_access.{audience}.roles`, for each of the audiences. A name
    /// with a colon is not a path. With `.*` at the end, the scopes are the names of an object's
    /// members. Default: `scope`.
    public var scopeClaims: [String]
    /// The claim with the organization (tenant, customer) that the client belongs to: a name such as
    /// `org_id`, or a path such as `tenant.id`. A name with a colon is not a path. Use only a claim
    /// that the issuer sets itself: one that a client can set in its token request names any
    /// organization. Default: `org_id`; `tid` for Entra; `nil`, and so no organization, for providers
    /// that have no such claim.
    public var organizationClaim: String?
    /// Claims that a token must not have, such as those of a user's token. Default: none.
    public var forbiddenClaims: [String]
    /// Whether to accept tokens without `sub`, for ``TokenProfile/oauth``. Without it, nothing tells
    /// a user's token from a client's except other claims. Default: no.
    public var allowMissingSub: Bool
    /// Whether to refuse tokens without any scope as `insufficient_scope`, even if no scope is
    /// required. Default: no.
    public var requireAnyScope: Bool
    /// The longest time from `iat` to `exp` of a token. With a limit, `iat` is required. Default: no
    /// limit.
    public var maxTokenLifetime: Duration?
    /// The least leeway for the times of this issuer's tokens, up to 300 seconds. Default: 0.
    public var clockTolerance: Duration
    /// Maximum number of keys of the key set; a larger set is refused. Default: 1,000.
    public var maxJWKSKeys: Int
    /// Maximum size of the key set in bytes, up to 16 MiB. Default: 1 MiB.
    public var maxJWKSBytes: Int
    /// A file with a bearer token for the key set's URL, read before each fetch: for servers that do
    /// not publish their keys to everyone. Default: none.
    public var jwksTokenFile: String?

    /// An issuer of JWT access tokens (RFC 9068), unless `profile` says otherwise.
    public init(
        issuers: [String],
        audiences: [String],
        algorithms: [Algorithm] = [.rs256],
        keys: KeySource,
        profile: TokenProfile = .oauth,
        allowMissingTyp: Bool = false,
        allowMissingKid: Bool? = nil,
        acceptScopeArray: Bool = false,
        wildcardScopes: Bool = false,
        allowBoundTokens: Bool = false,
        requireTyp: String? = nil,
        scopeMap: [String: String] = [:],
        requiredClaims: [String: String] = [:],
        requireClientSubject: Bool = false,
        clientIDs: [String] = [],
        clientIDClaims: [String] = [],
        scopeClaims: [String] = ["scope"],
        organizationClaim: String? = "org_id",
        forbiddenClaims: [String] = [],
        allowMissingSub: Bool = false,
        requireAnyScope: Bool = false,
        maxTokenLifetime: Duration? = nil,
        clockTolerance: Duration = .zero,
        maxJWKSKeys: Int = 1000,
        maxJWKSBytes: Int = 1 << 20,
        jwksTokenFile: String? = nil
    ) {
        self.issuers = issuers
        self.audiences = audiences
        self.algorithms = algorithms
        self.keys = keys
        self.profile = profile
        self.allowMissingTyp = allowMissingTyp
        self.allowMissingKid = allowMissingKid ?? allowsMissingKid(profile: profile.native)
        self.acceptScopeArray = acceptScopeArray
        self.wildcardScopes = wildcardScopes
        self.allowBoundTokens = allowBoundTokens
        self.requireTyp = requireTyp
        self.scopeMap = scopeMap
        self.requiredClaims = requiredClaims
        self.requireClientSubject = requireClientSubject
        self.clientIDs = clientIDs
        self.clientIDClaims = clientIDClaims
        self.scopeClaims = scopeClaims
        self.organizationClaim = organizationClaim
        self.forbiddenClaims = forbiddenClaims
        self.allowMissingSub = allowMissingSub
        self.requireAnyScope = requireAnyScope
        self.maxTokenLifetime = maxTokenLifetime
        self.clockTolerance = clockTolerance
        self.maxJWKSKeys = maxJWKSKeys
        self.maxJWKSBytes = maxJWKSBytes
        self.jwksTokenFile = jwksTokenFile
    }

    /// A Stytch project.
    ///
    /// - Parameters:
    ///   - projectID: The project's id. Default: `STYTCH_PROJECT_ID`.
    ///   - baseURL: Your custom domain, if you have one. Default: `STYTCH_BASE_URL`.
    ///   - baseURLs: Several names, such as the default domain and a custom domain: tokens of each
    ///     are accepted, and the keys are fetched from the first.
    ///   - vertical: The project's product line.
    public static func stytch(
        projectID: String? = nil, baseURL: String? = nil, baseURLs: [String] = [],
        vertical: Vertical = .consumer
    ) throws -> IssuerConfig {
        try rethrowing {
            IssuerConfig(
                try stytchIssuer(
                    projectId: projectID, baseUrl: baseURL, baseUrls: baseURLs,
                    vertical: vertical.native))
        }
    }

    /// An Auth0 tenant: `domain` as in `example.eu.auth0.com`, `audience` the API's identifier,
    /// `scopeMap` the new names of its scopes; see ``scopeMap``.
    public static func auth0(
        domain: String, audience: String, scopeMap: [String: String] = [:]
    ) throws -> IssuerConfig {
        try rethrowing {
            IssuerConfig(
                try auth0Issuer(domain: domain, audience: audience, scopeMap: scopeMap))
        }
    }

    /// Settings for any issuer of JWT access tokens (RFC 9068).
    public static func oauth(issuer: String, audiences: [String], keys: KeySource) -> IssuerConfig {
        IssuerConfig(oauthIssuer(issuer: issuer, audiences: audiences, keys: keys.native))
    }

    /// Settings for any issuer that has a discovery document (RFC 8414 or OpenID Connect), which
    /// names the address of its keys. `issuer` is an https URL: what the document and the tokens call
    /// the issuer, with or without a slash at the end.
    public static func discover(issuer: String, audiences: [String]) -> IssuerConfig {
        IssuerConfig(discoveredIssuer(issuer: issuer, audiences: audiences))
    }

    /// Settings for an Amazon Cognito user pool, such as `eu-west-1_AbCdEf123`. Its access tokens
    /// have no `aud`, so the app clients to accept are in `clientIDs`.
    public static func cognito(userPoolID: String, clientIDs: [String]) throws -> IssuerConfig {
        try provider("cognito", ["user_pool_id": userPoolID], clientIDs)
    }

    /// Settings for one tenant of Microsoft Entra ID: `tenant` is its id (a GUID), `audience` the
    /// API's application id or its application ID URI. Tokens of version 1.0 and 2.0 are accepted.
    /// The scopes are the application's `roles`; a token without any is refused, because Entra issues
    /// such a token to every application of the tenant.
    public static func entra(tenant: String, audience: String) throws -> IssuerConfig {
        try entra(tenants: [tenant], audience: audience)
    }

    /// Settings for these tenants of Microsoft Entra ID, as ``entra(tenant:audience:)``. They share
    /// one key set: a token's `tid` must be the tenant in its `iss`, and a key that names another
    /// tenant is not its key. To decide about tenants by a function, see
    /// ``IssuerResolver/entra(audience:lifetime:negativeLifetime:maxIssuers:isAccepted:)``.
    public static func entra(tenants: [String], audience: String) throws -> IssuerConfig {
        try rethrowing { IssuerConfig(try entraIssuer(tenants: tenants, audience: audience)) }
    }

    /// Settings for a custom authorization server of Okta, such as
    /// `https://example.okta.com/oauth2/default`. Tokens of the organization's own server are for
    /// Okta's API alone.
    public static func okta(issuer: String, audience: String) throws -> IssuerConfig {
        try provider("okta", ["issuer": issuer, "audience": audience])
    }

    /// Settings for a realm of Keycloak 21 or later, such as `https://sso.example.com/realms/main`.
    /// The scopes are those in `scope` and the client roles of `audience`, which is the API's
    /// client id. Service accounts need the client scope `service_account`, whose `client_id` tells
    /// them from users. Keycloak adds it to a client that gets a service account; an imported realm
    /// may lack it.
    public static func keycloak(issuer: String, audience: String) throws -> IssuerConfig {
        try provider("keycloak", ["issuer": issuer, "audience": audience])
    }

    /// Settings for Google's ID tokens of service accounts. Anyone's service account can get a token
    /// for any audience, so `clientIDs` lists the service accounts to accept, by their unique ids.
    public static func google(audience: String, clientIDs: [String]) throws -> IssuerConfig {
        try provider("google", ["audience": audience], clientIDs)
    }

    /// Settings for Ory Hydra with `strategies.access_token: jwt`. `issuer` is `urls.self.issuer`
    /// exactly, with its slash if it has one.
    public static func hydra(issuer: String, audience: String) throws -> IssuerConfig {
        try provider("hydra", ["issuer": issuer, "audience": audience])
    }

    /// Settings for a Zitadel instance with JWT access tokens: `audience` is the project's id. Its
    /// tokens do not tell a machine from a user, so `clientIDs` lists the service users to accept.
    /// The scopes are the names of the project's roles.
    public static func zitadel(
        issuer: String, audience: String, clientIDs: [String]
    ) throws -> IssuerConfig {
        try provider("zitadel", ["issuer": issuer, "audience": audience], clientIDs)
    }

    /// Settings for Duende IdentityServer. A client's own tokens have no `sub`.
    public static func duende(issuer: String, audience: String) throws -> IssuerConfig {
        try provider("duende", ["issuer": issuer, "audience": audience])
    }

    /// Settings for service account tokens of a Kubernetes cluster: `issuer` is its
    /// `--service-account-issuer`. The client is `system:serviceaccount:<namespace>:<name>`. Most
    /// clusters publish their keys only to callers with a token: set ``jwksTokenFile``.
    public static func kubernetes(issuer: String, audience: String) throws -> IssuerConfig {
        try provider("kubernetes", ["issuer": issuer, "audience": audience])
    }

    private static func provider(
        _ name: String, _ arguments: [String: String], _ clientIDs: [String] = []
    ) throws -> IssuerConfig {
        try rethrowing {
            IssuerConfig(
                try providerIssuer(provider: name, arguments: arguments, clientIds: clientIDs))
        }
    }
}

/// Stytch's product line of a project. The M2M calls are the same; the key set has another path.
public enum Vertical: Hashable, Sendable {
    /// Consumer Authentication.
    case consumer
    /// B2B SaaS Authentication.
    case b2b
}

/// The source of an issuer's keys.
public enum KeySource: Hashable, Sendable {
    /// The JWK Set at this URL: fetched when needed, cached and refreshed ahead.
    case url(String)
    /// The text of a JWK Set (RFC 7517, section 5), which is never fetched.
    case jwks(String)
    /// The JWK Set that the discovery document of this issuer names.
    case discovery(String)
}

/// How an issuer's claims name the client, and which of its tokens are refused as another kind.
public enum TokenProfile: Hashable, Sendable {
    /// `sub` is the client; tokens about users and sessions are refused.
    case stytch
    /// `sub` is `{client_id}@clients`; tokens about users are refused.
    case auth0
    /// `client_id`, or else `azp`, or else `sub` is the client (RFC 9068, section 2.2). ID tokens
    /// and tokens marked as a user's are refused; the guide lists the marks.
    case oauth
}

/// A signature algorithm (RFC 7518, section 3.1; RFC 8037 for EdDSA). All are asymmetric.
public enum Algorithm: String, CaseIterable, Sendable {
    /// RSASSA-PKCS1-v1_5 with SHA-256, the only one that Stytch uses.
    case rs256 = "RS256"
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    case rs384 = "RS384"
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    case rs512 = "RS512"
    /// RSASSA-PSS with SHA-256.
    case ps256 = "PS256"
    /// RSASSA-PSS with SHA-384.
    case ps384 = "PS384"
    /// RSASSA-PSS with SHA-512.
    case ps512 = "PS512"
    /// ECDSA on P-256 with SHA-256.
    case es256 = "ES256"
    /// ECDSA on P-384 with SHA-384.
    case es384 = "ES384"
    /// Ed25519.
    case edDSA = "EdDSA"
}
