import Foundation
import StytchM2M
import Testing

/// All that `tests/surface.json` lists is here; `tests/README.md` says what may be spelt otherwise.
///
/// Each name stands beside the code that it names, which would not compile without it.
@Suite struct SurfaceTests {
    let emulator: Emulator
    let surface: Surface

    init() throws {
        emulator = try Emulator()
        let text = try Data(contentsOf: Repository.folder("tests/surface.json"))
        surface = try JSONDecoder().decode(Surface.self, from: text)
    }

    @Test func everyOperationIsThere() throws {
        let client = try emulator.client()
        let (m2m, clients) = (client.m2m, client.m2m.clients)
        let (secrets, verifier) = (clients.secrets, m2m.verifier)
        let source = try TokenSource(clientID: "id", clientSecret: "secret")
        let organization = try OrganizationClient(
            baseURL: emulator.baseURL, authorization: "Bearer x")
        let verify = [
            "access_token", "required_scopes", "organization", "max_token_age",
            "clock_tolerance", "authorize",
        ]
        let operations: [String: [Operation]] = [
            "Client": [
                .init(
                    "token", "client_id", "client_secret", "scopes", "resource", "audience",
                    "extra", "force_refresh",
                    is: m2m.token(
                        clientID:clientSecret:scopes:audience:resource:extra:forceRefresh:)),
                .init("invalidate_token", "access_token", is: m2m.invalidateToken(accessToken:)),
                .init(
                    "authenticate_token", verify,
                    is: m2m.authenticateToken(
                        accessToken:requiredScopes:organization:maxTokenAge:clockTolerance:
                        authorize:)),
                .init("project_id", is: \StytchClient.projectID),
                .init("stats", is: client.stats),
            ],
            "Clients": [
                .init(
                    "create", "scopes", "client_id", "client_secret", "client_name",
                    "client_description", "trusted_metadata", "organization_id", "idempotent",
                    is: clients.create(
                        scopes:clientID:clientSecret:clientName:clientDescription:trustedMetadata:
                        organizationID:idempotent:)),
                .init("get", "client_id", is: clients.get(clientID:)),
                .init(
                    "search", "cursor", "limit", "query", "organization_id",
                    is: clients.search(query:limit:cursor:organizationID:)),
                .init(
                    "search_all", "cursor", "limit", "query", "organization_id",
                    is: clients.searchAll(query:limit:cursor:organizationID:)),
                .init(
                    "update", "client_id", "client_name", "client_description", "status", "scopes",
                    "trusted_metadata", "organization_id",
                    is: clients.update(
                        clientID:clientName:clientDescription:status:scopes:trustedMetadata:
                        organizationID:)),
                .init("delete", "client_id", is: clients.delete(clientID:)),
            ],
            "Secrets": [
                .init("rotate_start", "client_id", is: secrets.rotateStart(clientID:)),
                .init("rotate", "client_id", is: secrets.rotate(clientID:)),
                .init("rotate_cancel", "client_id", is: secrets.rotateCancel(clientID:)),
                .init(
                    "rotate_finish", "client_id", "next_client_secret",
                    is: secrets.rotateFinish(clientID:nextClientSecret:)),
                .init("recover_rotation", "client_id", is: secrets.recoverRotation(clientID:)),
                .init(
                    "rotate_with", "client_id", "store",
                    is: { try await secrets.rotateWith(clientID: "", store: { _ in }) }),
            ],
            "TokenSource": [
                .init("get_token", is: source.getToken),
                .init("authorization_header", is: source.authorizationHeader),
                .init("invalidate", "access_token", is: source.invalidate(accessToken:)),
                .init("stats", is: source.stats),
            ],
            "TokenVerifier": [
                .init(
                    "authenticate_token", verify,
                    is: verifier.authenticateToken(
                        accessToken:requiredScopes:organization:maxTokenAge:clockTolerance:
                        authorize:)),
                .init("warm_up", is: verifier.warmUp),
                .init(
                    "seed_jwks", "issuer", "jwks", "fetched_at",
                    is: verifier.seedJWKS(_:fetchedAt:issuer:)),
                .init("export_jwks", is: verifier.exportJWKS),
                .init("health", is: verifier.health),
                .init("stats", is: verifier.stats),
            ],
            "OrganizationClient": [
                .init("client_id", is: organization.clientID),
                .init("client_secret", is: organization.clientSecret),
                .init("token", "force_refresh", is: organization.token(forceRefresh:)),
                .init("rotate", is: organization.rotate),
                .init("stats", is: organization.stats),
            ],
            "IssuerConfig": [
                .init(
                    "stytch", "project_id", "base_url", "base_urls", "vertical",
                    is: IssuerConfig.stytch(projectID:baseURL:baseURLs:vertical:)),
                .init(
                    "auth0", "domain", "audience", "scope_map",
                    is: IssuerConfig.auth0(domain:audience:scopeMap:)),
                .init(
                    "oauth", "issuer", "audiences", "keys",
                    is: IssuerConfig.oauth(issuer:audiences:keys:)),
                .init(
                    "discover", "issuer", "audiences",
                    is: IssuerConfig.discover(issuer:audiences:)),
                .init(
                    "cognito", "user_pool_id", "client_ids",
                    is: IssuerConfig.cognito(userPoolID:clientIDs:)),
                .init(
                    "entra", "tenant", "audience", is: IssuerConfig.entra(tenant:audience:)),
                .init("okta", "issuer", "audience", is: IssuerConfig.okta(issuer:audience:)),
                .init(
                    "keycloak", "issuer", "audience", is: IssuerConfig.keycloak(issuer:audience:)),
                .init(
                    "google", "audience", "client_ids",
                    is: IssuerConfig.google(audience:clientIDs:)),
                .init("hydra", "issuer", "audience", is: IssuerConfig.hydra(issuer:audience:)),
                .init(
                    "zitadel", "issuer", "audience", "client_ids",
                    is: IssuerConfig.zitadel(issuer:audience:clientIDs:)),
                .init("duende", "issuer", "audience", is: IssuerConfig.duende(issuer:audience:)),
                .init(
                    "kubernetes", "issuer", "audience",
                    is: IssuerConfig.kubernetes(issuer:audience:)),
            ],
        ]
        #expect(operations.mapValues { Operation.table($0) } == surface.operations)
        let functions = [
            Operation(
                "token_from_authorization_header", "value", is: tokenFromAuthorizationHeader(_:)),
            Operation(
                "token_from_authorization_headers", "values", is: tokenFromAuthorizationHeaders(_:)),
            Operation(
                "refuses_token", "status", "www_authenticate",
                is: refusesToken(status:wwwAuthenticate:)),
        ]
        #expect(Operation.table(functions) == surface.functions)
        let methods = [
            "TokenClaims": [
                Operation("missing_scopes", "required", is: TokenClaims.missingScopes(_:))
            ]
        ]
        #expect(methods.mapValues { Operation.table($0) } == surface.methods)
    }

    @Test func everySettingIsThere() {
        // `vertical` is the choice between Client and B2BClient.
        let client = [
            "project_id", "secret", "base_url", "vertical", "organization_key",
            "verified_token_cache_size", "token_cache_capacity", "token_store_url",
            "token_store_key",
            "token_store_allow_unencrypted",
        ]
        let b2b = Operation(
            "Client", client,
            is: B2BClient.init(
                projectID:secret:baseURL:organizationKey:verifiedTokenCacheSize:tokenCacheCapacity:
                tokenStoreURL:tokenStoreKey:tokenStoreAllowUnencrypted:transport:))
        let settings: [Operation] = [
            .init(
                b2b.name, client,
                is: StytchClient.init(
                    projectID:secret:baseURL:vertical:organizationKey:verifiedTokenCacheSize:
                    tokenCacheCapacity:tokenStoreURL:tokenStoreKey:tokenStoreAllowUnencrypted:
                    transport:)),
            .init(
                "TokenSource", "project_id", "base_url", "token_url", "issuer", "client_id",
                "client_auth", "client_secret", "next_client_secret", "private_key", "key_id",
                "signing_algorithm", "assertion_audience", "client_assertion", "assertion",
                "scopes", "resource", "audience", "extra", "token_store_url", "token_store_key",
                "token_store_allow_unencrypted",
                is: TokenSource.init(
                    clientID:clientSecret:projectID:baseURL:tokenURL:issuer:scopes:audience:
                    resource:extra:clientAuth:nextClientSecret:privateKey:keyID:
                    signingAlgorithm:assertionAudience:clientAssertion:assertion:tokenStoreURL:
                    tokenStoreKey:tokenStoreAllowUnencrypted:transport:)),
            .init(
                "TokenVerifier", "issuers", "issuer_resolver", "verified_token_cache_size",
                is: TokenVerifier.init(
                    issuers:issuerResolver:verifiedTokenCacheSize:transport:)),
            .init(
                "OrganizationClient", "base_url", "authorization",
                is: OrganizationClient.init(baseURL:authorization:transport:)),
            .init(
                "transport", "connect_timeout", "attempt_timeout", "total_timeout", "extra_ca_pem",
                "bundled_roots", "client_certificate_pem", "proxy", "max_key_age",
                is: TransportConfig.init(
                    connectTimeout:attemptTimeout:totalTimeout:extraCAPEM:bundledRoots:
                    clientCertificatePEM:proxy:maxKeyAge:)),
        ]
        #expect(Operation.table(settings) == surface.settings)
    }

    @Test func everyRecordHasItsFields() async throws {
        let client = try emulator.client()
        let clients = client.m2m.clients
        let created = try await clients.create(scopes: [])
        let (id, secret) = (created.m2mClient.clientID, created.m2mClient.clientSecret)
        let rotation = try await clients.secrets.rotateStart(clientID: id)
        let query = SearchQuery(operands: [.clientID([id])])
        let page = try await clients.search(query: query)
        let token = try await client.m2m.token(clientID: id, clientSecret: secret)
        let claims = try await client.m2m.authenticateToken(accessToken: token.accessToken)
        let verifier = client.m2m.verifier
        let refused = try await failure { try tokenFromAuthorizationHeader(nil) }
        let records: [Any] = [
            created, created.m2mClient, created.m2mClient.client, rotation, rotation.m2mClient,
            try await clients.get(clientID: id), query, page, page.resultsMetadata, token, claims,
            try IssuerConfig.stytch(), try #require(verifier.health().first),
            try #require(verifier.exportJWKS().first), client.stats(), client.stats().keys,
            try await clients.delete(clientID: id), try #require(refused.refusal),
        ]
        let found = records.map { ("\(type(of: $0))", fields($0)) }
        #expect(Dictionary(uniqueKeysWithValues: found) == surface.records)
    }

    @Test func everyValueIsThere() {
        let filters: [(String, SearchFilter)] = [
            ("client_id", .clientID([])), ("client_name", .clientName([])), ("scopes", .scopes([])),
        ]
        let profiles: [(String, TokenProfile)] = [
            ("stytch", .stytch), ("auth0", .auth0), ("oauth", .oauth),
        ]
        let values: [String: [String]] = [
            "Vertical": [("consumer", Vertical.consumer), ("b2b", .b2b)].map(\.0),
            "TokenProfile": profiles.map(\.0),
            "ClientStatus": ClientStatus.allCases.map(\.rawValue),
            "SearchOperator": [("AND", SearchOperator.and), ("OR", .or)].map(\.0),
            "SearchFilter": filters.map(\.0),
            "Algorithm": Algorithm.allCases.map(\.rawValue),
            "KeySetState": KeySetState.allCases.map(\.rawValue),
        ]
        #expect(values.mapValues { Set($0) } == surface.values)
    }

    @Test func everyErrorIsThere() async throws {
        #expect(Set(ErrorTests.kinds.map(\.1)) == surface.errors["codes"])
        let reasons = M2MError.InvalidTokenReason.allCases.map(\.rawValue)
        #expect(Set(reasons) == surface.errors["invalid_token_reasons"])
        let error = try await failure { try StytchClient(projectID: "") }
        // `text` is the description.
        #expect(fields(error.details).subtracting(["text"]) == surface.errors["details"])
    }

    /// The names of a record's fields, with those that it has from the client in it.
    func fields(_ record: Any) -> Set<String> {
        let children = Mirror(reflecting: record).children
        return children.reduce(into: []) { names, child in
            guard let label = child.label else { return }
            names.formUnion(label == "client" ? fields(child.value) : [snake(label)])
        }
    }

    func snake(_ name: String) -> String {
        name.replacing(/([a-z])([A-Z])/) { "\($0.1)_\($0.2)" }
            .replacing(/([A-Z])([A-Z][a-z]{2})/) { "\($0.1)_\($0.2)" }.lowercased()
    }
}

/// The file.
struct Surface: Decodable {
    let operations: [String: [String: Set<String>]]
    let functions: [String: Set<String>]
    let methods: [String: [String: Set<String>]]
    let settings: [String: Set<String>]
    let records: [String: Set<String>]
    let values: [String: Set<String>]
    let errors: [String: Set<String>]
}

/// An operation's name and arguments, beside what it is.
struct Operation {
    let name: String
    let arguments: Set<String>

    init(_ name: String, _ arguments: [String], is _: Any) {
        self.name = name
        self.arguments = Set(arguments)
    }

    init(_ name: String, _ arguments: String..., is what: Any) {
        self.init(name, arguments, is: what)
    }

    static func table(_ operations: [Operation]) -> [String: Set<String>] {
        Dictionary(uniqueKeysWithValues: operations.map { ($0.name, $0.arguments) })
    }
}
