import Foundation
import StytchM2M
import StytchM2MTesting
import Testing

/// The ways in which a client authenticates, and secrets that change while a source is in use.
@Suite(.timeLimit(.minutes(2))) struct CredentialTests {
    @Test func aFunctionIsCalledOnceForManyCallersAndAgainWhenItsSecretIsRefused() async throws {
        let rotating = try await Rotating()
        let source = try rotating.source(.function { await rotating.read() })
        let tokens = try await withThrowingTaskGroup(of: Secret.self) { group in
            for _ in 0..<20 {
                group.addTask { try await source.getToken().accessToken }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(tokens.count == 1)
        #expect(await rotating.reads == 1)

        try await rotating.rotate()
        source.invalidate(accessToken: try #require(tokens.first))
        try await rotating.verify(source.getToken())
        #expect(await rotating.reads == 2)
    }

    @Test func aFileThatChangesGivesTheNewSecret() async throws {
        let rotating = try await Rotating()
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: file) }
        try await rotating.read().write(to: file, atomically: true, encoding: .utf8)
        let source = try rotating.source(.file(file.path))
        let token = try await source.getToken()

        try await rotating.rotate()
        try await rotating.read().write(to: file, atomically: true, encoding: .utf8)
        source.invalidate(accessToken: token.accessToken)
        try await rotating.verify(source.getToken())
    }

    @Test func theNextSecretIsTriedWhenTheCurrentOneIsRefused() async throws {
        let rotating = try await Rotating()
        let old = await rotating.secret
        try await rotating.rotate()
        let source = try TokenSource(
            clientID: rotating.clientID, clientSecret: .value(old),
            projectID: rotating.emulator.projectID, baseURL: rotating.emulator.baseURL,
            nextClientSecret: .value(await rotating.secret))
        try await rotating.verify(source.getToken())
    }

    @Test func aFunctionThatThrowsIsNamedByTheTypeOfItsErrorAlone() async throws {
        struct Closed: Error, CustomStringConvertible {
            let description = "canary"
        }
        let rotating = try await Rotating()
        let source = try rotating.source(.function { throw Closed() })
        let error = try await failure { try await source.getToken() }
        #expect(error.code == "network")
        #expect(error.message.contains("clientSecret") && error.message.contains("Closed"))
        #expect(!"\(error)".contains("canary"))
    }

    @Test func aFunctionThatHangsEndsWithTheAttempt() async throws {
        let rotating = try await Rotating()
        let source = try TokenSource(
            clientID: rotating.clientID,
            clientSecret: .function {
                try await Task.sleep(for: .seconds(3600))
                return ""
            },
            projectID: rotating.emulator.projectID, baseURL: rotating.emulator.baseURL,
            transport: TransportConfig(attemptTimeout: .milliseconds(200)))
        let error = try await failure { try await source.getToken() }
        #expect(error.code == "timeout")
        #expect(error.message.contains("clientSecret"))
    }

    @Test func theProjectsSecretComesFromAVariable() async throws {
        let client = try StytchClient(secret: .env("STYTCH_SECRET"))
        #expect(try await client.m2m.clients.search(limit: 1).statusCode == 200)
        let error = try await failure { try StytchClient(secret: .env("STYTCH_M2M_NO_VARIABLE")) }
        #expect(error.field == "secret")
    }

    @Test func aKeySignsTheAssertionsOfAClient() async throws {
        let emulator = try await StytchM2MTesting.Emulator.start(seed: [
            "clients": [
                [
                    "client_id": "signer", "scopes": ["read:users"],
                    "token_endpoint_auth_methods": ["private_key_jwt"],
                    "jwks": ["keys": [.object(publicKey)]],
                ]
            ]
        ])
        var jwk = publicKey
        // Made for this test.
        jwk["d"] = "0ve-LdZ7Dl7l4UF_29757h73SAM_9-lRhH6DoVUZE4Q"
        let text = String(decoding: try JSONEncoder().encode(jwk), as: UTF8.self)
        let source = try TokenSource(
            clientID: "signer", projectID: emulator.projectID, baseURL: emulator.baseURL,
            privateKey: .value(Secret(text)), signingAlgorithm: .es256)
        #expect(try await source.getToken().statusCode == 200)
    }

    @Test func anIDAndASecretInTheHeaderAndAClientWithoutASecret() async throws {
        let secret: JSONValue = "a-secret-for-tests-0123456789"
        let emulator = try await StytchM2MTesting.Emulator.start(seed: [
            "clients": [
                [
                    "client_id": "basic", "client_secret": secret, "scopes": ["read:users"],
                    "token_endpoint_auth_methods": ["client_secret_basic"],
                ],
                [
                    "client_id": "public", "client_secret": secret, "scopes": ["read:users"],
                    "token_endpoint_auth_methods": ["none"],
                ],
            ]
        ])
        let basic = try TokenSource(
            clientID: "basic", clientSecret: "a-secret-for-tests-0123456789",
            projectID: emulator.projectID, baseURL: emulator.baseURL,
            clientAuth: .clientSecretBasic)
        #expect(try await basic.getToken().statusCode == 200)
        let open = try TokenSource(
            clientID: "public", projectID: emulator.projectID, baseURL: emulator.baseURL,
            clientAuth: .noAuthentication)
        #expect(try await open.getToken().statusCode == 200)
    }

    @Test func anIssuerIsEnoughForASourceAndForAVerifier() async throws {
        let emulator = try await StytchM2MTesting.Emulator.start(seed: [
            "token_settings": ["custom_domain": true],
            "clients": [
                [
                    "client_id": "billing", "client_secret": "a-secret-for-tests-0123456789",
                    "scopes": ["read:users"],
                ]
            ],
        ])
        let secret: Secret = "a-secret-for-tests-0123456789"
        let (audience, resource) = ("https://api.example.com", "https://invoices.example.com")
        let source = try TokenSource(
            clientID: "billing", clientSecret: .value(secret), issuer: emulator.baseURL,
            audience: audience, resource: [resource])
        let discovered = try TokenVerifier(
            issuers: [.discover(issuer: emulator.baseURL, audiences: [audience])])
        let claims = try await discovered.authenticateToken(
            accessToken: source.getToken().accessToken)
        #expect(claims.clientID == "billing")
        #expect(Set(claims.audience).isSuperset(of: [audience, resource]))

        let token = try await emulator.client().m2m.token(
            clientID: "billing", clientSecret: secret, audience: audience, resource: [resource])
        let verified = try await discovered.authenticateToken(accessToken: token.accessToken)
        #expect(verified.audience.contains(resource))
    }

    @Test func settingsThatContradictEachOtherAreRefused() async throws {
        let error = try await failure {
            try TokenSource(
                clientID: "id", clientSecret: "some-secret", projectID: "project-test-1",
                privateKey: .file("/no/key"))
        }
        #expect(error.code == "invalid_config")
        let missing = try await failure {
            try TokenSource(clientID: "id", projectID: "project-test-1")
        }
        #expect(missing.field == "client_secret")
    }

    @Test func aSourceShowsNoSecret() {
        let value: SecretSource = "canary"
        let function = SecretSource.function { "canary" }
        for shown in ["\(value)", String(reflecting: value), "\(function)"] {
            #expect(!shown.contains("canary"))
        }
        #expect("\(SecretSource.file("/run/secret"))" == "SecretSource.file(/run/secret)")
        #expect(SecretSource.env("A") == .env("A"))
        let transport = TransportConfig(clientCertificatePEM: .file("/a"))
        #expect(transport.clientCertificatePEM == .file("/a"))
    }

    private let publicKey: [String: JSONValue] = [
        "kty": "EC", "crv": "P-256", "kid": "signer-key", "alg": "ES256",
        "x": "1bAC5pcRyfFinaFFJ-eD8saRKDX0txojcPNMuh3hK58",
        "y": "lPUFJKCJnTyjIP3KLKwrmzGAsPiEO8xuV3XpE6Q0bpU",
    ]
}

/// A client whose secret is rotated.
private actor Rotating {
    nonisolated let emulator: StytchM2MTesting.Emulator
    nonisolated let clientID: String
    private(set) var secret: Secret
    private(set) var reads = 0

    init() async throws {
        emulator = try await StytchM2MTesting.Emulator.start()
        let created = try await emulator.client().m2m.clients.create(scopes: ["read:users"])
        clientID = created.m2mClient.clientID
        secret = created.m2mClient.clientSecret
    }

    /// As a vault would.
    func read() -> String {
        reads += 1
        return secret.reveal()
    }

    nonisolated func source(_ secret: SecretSource) throws -> TokenSource {
        try TokenSource(
            clientID: clientID, clientSecret: secret, projectID: emulator.projectID,
            baseURL: emulator.baseURL)
    }

    func rotate() async throws {
        try await emulator.client().m2m.clients.secrets.rotateWith(clientID: clientID) { next in
            secret = next
        }
    }

    nonisolated func verify(_ token: Token) async throws {
        let claims = try await emulator.client().m2m.authenticateToken(
            accessToken: token.accessToken)
        #expect(claims.clientID == clientID)
    }
}
