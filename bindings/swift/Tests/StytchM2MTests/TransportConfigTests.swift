import Foundation
import StytchM2M
import Testing

/// Settings of connections and of the shared store reach the core, and wrong ones are named.
@Suite(.timeLimit(.minutes(1))) struct TransportConfigTests {
    let emulator: Emulator

    init() throws {
        emulator = try Emulator()
    }

    static let wrong: [(String, TransportConfig)] = [
        ("extra_ca_pem", TransportConfig(extraCAPEM: "no certificate")),
        ("client_certificate_pem", TransportConfig(clientCertificatePEM: "canary")),
        ("proxy", TransportConfig(proxy: .url("canary"))),
        ("max_key_age", TransportConfig(maxKeyAge: .seconds(25 * 3600))),
        ("max_key_age", TransportConfig(maxKeyAge: .seconds(-1))),
    ]

    @Test(arguments: wrong)
    func aWrongSettingIsNamedAndShowsNoSecret(
        field: String, transport: TransportConfig
    ) async throws {
        let errors = [
            try await failure { try emulator.client(transport: transport) },
            try await failure {
                try TokenSource(clientID: "id", clientSecret: "secret", transport: transport)
            },
            try await failure { try TokenVerifier(transport: transport) },
        ]
        for error in errors {
            #expect(error.code == "invalid_config")
            #expect(error.field == field)
            #expect(!"\(error) \(transport)".contains("canary"))
        }
    }

    static let key = Secret(Data(repeating: 7, count: 32).base64EncodedString())
    static let wrongStores: [(String, Secret?, Secret?)] = [
        ("token_store_key", "redis://127.0.0.1:1/0", nil),
        ("token_store_key", "redis://127.0.0.1:1/0", "canary"),
        ("token_store_url", nil, key),
        ("token_store_url", "canary", key),
    ]

    @Test(arguments: wrongStores)
    func aSharedStoreNeedsAnAddressAndAKey(field: String, url: Secret?, key: Secret?) async throws {
        let errors = [
            try await failure { try StytchClient(tokenStoreURL: url, tokenStoreKey: key) },
            try await failure { try B2BClient(tokenStoreURL: url, tokenStoreKey: key) },
            try await failure {
                try TokenSource(
                    clientID: "id", clientSecret: "secret", tokenStoreURL: url, tokenStoreKey: key)
            },
        ]
        for error in errors {
            #expect(error.field == field)
            #expect(!error.description.contains("canary"))
        }
    }

    @Test func theBuiltInRootsAndNoProxyWillDo() async throws {
        let direct = TransportConfig(bundledRoots: true, proxy: .off, maxKeyAge: .zero)
        let m2m = try emulator.client(transport: direct).m2m
        #expect(try await m2m.clients.search(limit: 1).statusCode == 200)
    }

    @Test func requestsGoThroughTheProxy() async throws {
        let proxy = try LocalServer(.silence)
        let client = try StytchClient(
            projectID: "project-test-1", secret: "secret", baseURL: "https://api.example.com",
            transport: TransportConfig(proxy: .url(Secret(proxy.baseURL))))
        let call = Task { try await client.m2m.clients.get(clientID: "id") }
        var events = proxy.events.makeAsyncIterator()
        guard case .request(let head) = await events.next() else {
            Issue.record("the proxy was not asked")
            return
        }
        #expect(head.hasPrefix("CONNECT api.example.com:443 "))
        call.cancel()
    }

    /// `cargo xtask test swift` starts the store; other tests see that processes share it.
    ///
    /// A store that does not answer in time, as on a busy machine, is done without. So another client
    /// is tried then: one must be served by the store throughout.
    @Test func oneFetchesForAllThatShareAStore() async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let url = environment["STYTCH_M2M_TEST_REDIS"].map({ Secret($0) }) else {
            #expect(environment["CI"] == nil, "redis-server is not installed")
            print("skipped: redis-server is not installed")
            return
        }
        for _ in 0..<20 {
            let client = try await emulator.createClient()
            let tokens = try await tokens(of: client, sharedAt: url)
            guard try await emulator.tokenRequests(of: client) > 1 else {
                #expect(tokens.count == 1)
                return
            }
        }
        Issue.record("each fetched for itself, with all of 20 clients")
    }

    /// The tokens of two sources and two clients that share a store.
    func tokens(
        of client: M2MClientWithClientSecret, sharedAt url: Secret
    ) async throws -> Set<Secret> {
        var tokens: Set<Secret> = []
        for _ in 0..<2 {
            let source = try TokenSource(
                clientID: client.clientID, clientSecret: .value(client.clientSecret),
                tokenStoreURL: url, tokenStoreKey: Self.key)
            tokens.insert(try await source.getToken().accessToken)
            let m2m = try StytchClient(tokenStoreURL: url, tokenStoreKey: Self.key).m2m
            tokens.insert(
                try await m2m.token(
                    clientID: client.clientID, clientSecret: client.clientSecret
                ).accessToken)
        }
        return tokens
    }
}
