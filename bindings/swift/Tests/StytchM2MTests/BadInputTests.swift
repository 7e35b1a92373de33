import StytchM2M
import Testing

@Suite struct BadInputTests {
    let emulator: Emulator

    init() throws {
        emulator = try Emulator()
    }

    @Test func settingsComeFromTheEnvironment() async throws {
        let client = try StytchClient()
        #expect(client.projectID == emulator.projectID)
        #expect(try await client.m2m.clients.search(limit: 1).statusCode == 200)
    }

    @Test(arguments: [
        ("project_id", "", "secret", "http://127.0.0.1"),
        ("project_id", "project test", "secret", "http://127.0.0.1"),
        ("secret", "project-test-1", "", "http://127.0.0.1"),
        ("secret", "project-test-1", "secret\n", "http://127.0.0.1"),
        ("base_url", "project-test-1", "secret", ""),
        ("base_url", "project-test-1", "secret", "http://api.example.com"),
        ("base_url", "project-test-1", "secret", "https://api.example.com/v1"),
        ("base_url", "project-test-1", "secret", "api.example.com"),
    ])
    func aWrongSettingIsNamed(
        field: String, projectID: String, secret: String, baseURL: String
    ) async throws {
        let errors = [
            try await failure {
                try StytchClient(
                    projectID: projectID, secret: .value(Secret(secret)), baseURL: baseURL)
            },
            try await failure {
                try B2BClient(
                    projectID: projectID, secret: .value(Secret(secret)), baseURL: baseURL)
            },
        ]
        for error in errors {
            #expect(error.code == "invalid_config")
            #expect(error.field == field)
            // As the user writes it.
            let setting = field.replacing("_id", with: "Id").replacing("_url", with: "Url")
            #expect(error.message.contains(setting))
        }
    }

    @Test func anIDAndASecretTheWrongWayRoundAreRefusedUnseen() async throws {
        let swapped: SecretSource = "project-test-canary"
        let refused = [
            ("project_id", try await failure { try StytchClient(projectID: "secret-test-canary") }),
            (
                "project_id",
                try await failure {
                    try B2BClient(projectID: "secret-test-canary", secret: swapped)
                }
            ),
            (
                "project_id",
                try await failure { try TokenVerifier(projectID: "secret-test-canary") }
            ),
            ("secret", try await failure { try StytchClient(secret: swapped) }),
            (
                "client_id",
                try await failure {
                    try TokenSource(clientID: "secret-test-canary", clientSecret: "canary")
                }
            ),
        ]
        for (field, error) in refused {
            #expect(error.field == field)
            #expect(error.message.contains("the wrong way round"))
            #expect(!"\(error)".contains("canary"))
        }
    }

    @Test func aWrongTimeoutIsNamed() async throws {
        for timeout in [Duration.zero, .seconds(-1)] {
            let error = try await failure {
                try emulator.client(transport: TransportConfig(totalTimeout: timeout))
            }
            #expect(error.code == "invalid_config")
            #expect(error.field == "total_timeout")
        }
    }

    /// A `Duration` holds more seconds than 64 bits; a timeout of so many is one that never comes.
    @Test(arguments: [Duration.seconds(1e20), .seconds(-1e20), .seconds(Int64.min)])
    func aDurationBeyond64BitsIsNamed(duration: Duration) async throws {
        let patient = TransportConfig(totalTimeout: duration)
        if duration < .zero {
            let timeout = try await failure { try emulator.client(transport: patient) }
            #expect(timeout.field == "total_timeout")
        } else {
            _ = try emulator.client(transport: patient)
        }
        let verifier = try TokenVerifier()
        let tolerance = try await failure {
            try await verifier.authenticateToken(accessToken: "x", clockTolerance: duration)
        }
        #expect(tolerance.field == "clock_tolerance_seconds")
        let age = try await failure {
            try await verifier.authenticateToken(accessToken: "x", maxTokenAge: duration)
        }
        #expect(age.field == (duration < .zero ? "max_token_age_seconds" : nil))
    }

    @Test func aWrongArgumentIsNamed() async throws {
        let m2m = try emulator.client().m2m
        let tooMany = try await failure { try await m2m.clients.search(limit: -1) }
        #expect(tooMany.field == "limit")
        let noID = try await failure { try await m2m.clients.get(clientID: "") }
        #expect(noID.field == "client_id")
        let noNumber = try await failure {
            try await m2m.clients.create(scopes: [], trustedMetadata: ["ratio": .number(.nan)])
        }
        #expect(noNumber.field == "trusted_metadata")
        let noSecret = try await failure { try await m2m.token(clientID: "id", clientSecret: "") }
        #expect(noSecret.field == "client_secret")
        let noIssuer = try await failure { try TokenVerifier(issuers: []) }
        #expect(noIssuer.field == "issuers")
        for size in [-1, Int.max] {
            let wrong = try await failure { try TokenVerifier(verifiedTokenCacheSize: size) }
            #expect(wrong.field == "verified_token_cache_size")
        }
        for error in [tooMany, noID, noNumber, noSecret, noIssuer] {
            #expect(error.code == "invalid_config")
        }
    }

    @Test func anUnreachableServerIsANetworkError() async throws {
        let baseURL = try LocalServer.closedPort()
        let client = try StytchClient(
            projectID: "project-test-1", secret: "secret", baseURL: baseURL)
        let get = try await failure { try await client.m2m.clients.get(clientID: "id") }
        #expect(get.code == "network")
        let token = try await failure {
            try await client.m2m.token(clientID: "id", clientSecret: "secret")
        }
        #expect(token.code == "network")
    }

    @Test func anAnswerInHTMLIsUnexpected() async throws {
        let page = "<html>bad gateway: secret-of-the-proxy</html>"
        let server = try LocalServer(
            .replies([
                "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n"
                    + "Content-Length: \(page.utf8.count)\r\nConnection: close\r\n\r\n\(page)"
            ]))
        let client = try StytchClient(
            projectID: "project-test-1", secret: "secret", baseURL: server.baseURL)
        let error = try await failure { try await client.m2m.clients.get(clientID: "id") }
        #expect(["unexpected_response", "service"].contains(error.code))
        #expect(error.statusCode == 502)
        #expect(!error.description.contains("secret-of-the-proxy"))
    }

    @Test(.timeLimit(.minutes(1)))
    func aSilentServerIsATimeout() async throws {
        let server = try LocalServer(.silence)
        let transport = TransportConfig(
            attemptTimeout: .milliseconds(100), totalTimeout: .milliseconds(200))
        let client = try StytchClient(
            projectID: "project-test-1", secret: "secret", baseURL: server.baseURL,
            transport: transport)
        let error = try await failure { try await client.m2m.clients.get(clientID: "id") }
        #expect(error.code == "timeout")
    }
}
