internal import StytchM2MGenerated

/// An issuer whose tokens a ``TokenVerifier`` accepts.
public struct IssuerConfig: Hashable, Sendable {
    /// The issuer's `iss` values, compared exactly.
    public var issuers: [String]
    /// A token's `aud` must contain at least one of these.
    public var audiences: [String]
    /// The allowed signature algorithms. Default: RS256.
    public var algorithms: [Algorithm]
    /// The source of its keys.
    public var keys: KeySource
    /// How the claims name the client.
    public var profile: TokenProfile
    /// Whether to accept tokens without `typ`. Default: no.
    public var allowMissingTyp: Bool
    /// Whether to accept tokens without `kid` if exactly one key fits. Default: no.
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

    /// An issuer of JWT access tokens (RFC 9068), unless `profile` says otherwise.
    public init(
        issuers: [String],
        audiences: [String],
        algorithms: [Algorithm] = [.rs256],
        keys: KeySource,
        profile: TokenProfile = .oauth,
        allowMissingTyp: Bool = false,
        allowMissingKid: Bool = false,
        acceptScopeArray: Bool = false,
        wildcardScopes: Bool = false,
        allowBoundTokens: Bool = false,
        requireTyp: String? = nil,
        scopeMap: [String: String] = [:],
        requiredClaims: [String: String] = [:],
        requireClientSubject: Bool = false
    ) {
        self.issuers = issuers
        self.audiences = audiences
        self.algorithms = algorithms
        self.keys = keys
        self.profile = profile
        self.allowMissingTyp = allowMissingTyp
        self.allowMissingKid = allowMissingKid
        self.acceptScopeArray = acceptScopeArray
        self.wildcardScopes = wildcardScopes
        self.allowBoundTokens = allowBoundTokens
        self.requireTyp = requireTyp
        self.scopeMap = scopeMap
        self.requiredClaims = requiredClaims
        self.requireClientSubject = requireClientSubject
    }

    /// A Stytch project.
    ///
    /// - Parameters:
    ///   - projectID: The project's id. Default: `STYTCH_PROJECT_ID`.
    ///   - baseURL: Your custom domain, if you have one. Default: `STYTCH_BASE_URL`.
    ///   - vertical: The project's product line.
    public static func stytch(
        projectID: String? = nil, baseURL: String? = nil, vertical: Vertical = .consumer
    ) throws -> IssuerConfig {
        try rethrowing {
            IssuerConfig(
                try stytchIssuer(projectId: projectID, baseUrl: baseURL, vertical: vertical.native))
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
