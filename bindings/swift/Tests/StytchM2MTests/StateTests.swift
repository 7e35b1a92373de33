import Foundation
import StytchM2M
import Testing

/// What caches tell of themselves, and key sets that are taken along.
@Suite struct StateTests {
    let emulator: Emulator

    init() throws {
        emulator = try Emulator()
    }

    @Test func aClientsCachesCount() async throws {
        let sdk = try emulator.client()
        let m2m = sdk.m2m
        let client = try await emulator.createClient()
        for _ in 0..<3 {
            let token = try await m2m.token(
                clientID: client.clientID, clientSecret: client.clientSecret)
            _ = try await m2m.authenticateToken(accessToken: token.accessToken)
        }
        let stats = sdk.stats()
        for cache in [stats.tokens, stats.keys] {
            #expect([cache.hits, cache.misses, cache.refreshes] == [2, 1, 1])
            #expect([cache.failures, cache.staleServed] == [0, 0])
        }
        #expect(m2m.verifier.stats() == stats.keys)
    }

    @Test func aRefusedTokenIsFetchedAnew() async throws {
        let m2m = try emulator.client().m2m
        let client = try await emulator.createClient()
        let refused = try await m2m.token(
            clientID: client.clientID, clientSecret: client.clientSecret
        ).accessToken
        for (token, requests) in [("another token", 1), (refused, 2)] as [(Secret, Int)] {
            m2m.invalidateToken(accessToken: token)
            _ = try await m2m.token(clientID: client.clientID, clientSecret: client.clientSecret)
            #expect(try await emulator.tokenRequests(of: client) == requests)
        }
    }

    @Test func aSourcesCacheCounts() async throws {
        let source = try emulator.tokenSource(of: await emulator.createClient())
        for _ in 0..<3 { _ = try await source.getToken() }
        let stats = source.stats()
        #expect([stats.hits, stats.misses, stats.refreshes, stats.failures] == [2, 1, 1, 0])
    }

    @Test func aKeySetsHealthIsTold() async throws {
        let verifier = try emulator.client().m2m.verifier
        let cold = try #require(verifier.health().first)
        #expect(cold.issuer == "stytch.com/\(emulator.projectID)")
        #expect(cold.state == .missing)
        #expect(cold.keys == 0)
        #expect(cold.fetchedAt == nil)

        try await verifier.warmUp()
        let warm = try #require(verifier.health().first)
        #expect(warm.state == .fresh)
        #expect(warm.keys > 0)
        #expect(abs(try #require(warm.fetchedAt).timeIntervalSinceNow) < 60)
        #expect(try #require(warm.age) < .seconds(60))
        #expect(warm.lastFailure == nil)
    }

    @Test func aFailureIsTold() async throws {
        let verifier = try TokenVerifier(issuers: [away()])
        let error = try await failure { try await verifier.warmUp() }
        #expect(error.code == "keys_unavailable")
        let health = try #require(verifier.health().first)
        #expect(health.failures == 1)
        #expect(health.lastFailure == "network")
    }

    /// The wait may be over by the time that a busy machine looks: one of these must see it.
    @Test func afterAFailureTheWaitIsTold() async throws {
        for _ in 0..<20 {
            let verifier = try TokenVerifier(issuers: [away()])
            _ = try await failure { try await verifier.warmUp() }
            if let wait = verifier.health().first?.retryAfter, wait > .zero { return }
        }
        Issue.record("no wait after a failure")
    }

    @Test func exportedKeysVerifyWhereThereIsNoNetwork() async throws {
        let m2m = try emulator.client().m2m
        let client = try await emulator.createClient(scopes: ["read:users"])
        let token = try await m2m.token(
            clientID: client.clientID, clientSecret: client.clientSecret)
        #expect(m2m.verifier.exportJWKS().isEmpty)
        try await m2m.verifier.warmUp()

        let offline = try TokenVerifier(issuers: [away()])
        for keySet in m2m.verifier.exportJWKS() {
            try offline.seedJWKS(
                keySet.jwks, fetchedAt: keySet.fetchedAt, issuer: keySet.issuer)
        }
        let claims = try await offline.authenticateToken(accessToken: token.accessToken)
        #expect(claims.scopes == ["read:users"])
    }

    @Test func aSeedThatIsNoKeySetIsRefused() async throws {
        let verifier = try emulator.client().m2m.verifier
        for fetchedAt in [Date(), .distantPast, Date(timeIntervalSince1970: .infinity)] {
            let noKeys = try await failure {
                try verifier.seedJWKS("no JSON", fetchedAt: fetchedAt)
            }
            #expect(noKeys.code == "invalid_config")
            #expect(noKeys.field == "jwks")
        }
        let unknown = try await failure {
            try verifier.seedJWKS(#"{"keys":[]}"#, fetchedAt: Date(), issuer: "another")
        }
        #expect(unknown.field == "issuer")
    }

    /// The project of the tests, with keys that cannot be fetched.
    func away() throws -> IssuerConfig {
        var issuer = try IssuerConfig.stytch(
            projectID: emulator.projectID, baseURL: emulator.baseURL)
        issuer.keys = .url("\(try LocalServer.closedPort())/jwks")
        return issuer
    }
}
