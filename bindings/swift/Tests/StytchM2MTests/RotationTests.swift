import StytchM2M
import Testing

/// Whole rotations, whose steps `tests/scenarios` has.
@Suite(.timeLimit(.minutes(1))) struct RotationTests {
    let emulator: Emulator
    let m2m: M2M

    init() throws {
        emulator = try Emulator()
        m2m = try emulator.client().m2m
    }

    func create() async throws -> M2MClientWithClientSecret {
        try await m2m.clients.create(scopes: [], idempotent: true).m2mClient
    }

    @Test func theSecretThatWasStoredIsTheOnlyOne() async throws {
        let client = try await create()
        var stored: Secret?
        let rotated = try await m2m.clients.secrets.rotateWith(clientID: client.clientID) {
            _ = try await m2m.token(clientID: client.clientID, clientSecret: client.clientSecret)
            stored = $0
        }
        #expect(rotated.m2mClient.nextClientSecretLastFour == nil)
        _ = try await m2m.token(
            clientID: client.clientID, clientSecret: try #require(stored), forceRefresh: true)
        let refused = try await failure {
            try await m2m.token(
                clientID: client.clientID, clientSecret: client.clientSecret, forceRefresh: true)
        }
        #expect(refused.code == "authentication")
    }

    @Test func theCurrentSecretGivenAsTheNextOneEndsNothing() async throws {
        let client = try await create()
        let secrets = m2m.clients.secrets
        let started = try await secrets.rotateStart(clientID: client.clientID)
        let refused = try await failure {
            try await secrets.rotateFinish(
                clientID: client.clientID, nextClientSecret: client.clientSecret)
        }
        #expect(refused.code == "conflict")
        #expect(refused.details.recovery?.contains("rotate_start") == true)
        _ = try await m2m.token(
            clientID: client.clientID, clientSecret: client.clientSecret, forceRefresh: true)
        try await secrets.rotateFinish(
            clientID: client.clientID, nextClientSecret: started.m2mClient.nextClientSecret)
    }

    /// Keeps secrets, as its own state.
    actor Vault {
        var stored: Secret?

        func rotate(_ secrets: Secrets, clientID: String) async throws {
            try await secrets.rotateWith(clientID: clientID) { next in stored = next }
        }
    }

    @MainActor final class MainVault {
        var stored: Secret?

        func rotate(_ secrets: Secrets, clientID: String) async throws {
            try await secrets.rotateWith(clientID: clientID) { next in stored = next }
        }
    }

    @Test func anActorAndTheMainActorStoreInTheirOwnState() async throws {
        let (one, other) = (try await create(), try await create())
        let (vault, main) = (Vault(), await MainVault())
        try await vault.rotate(m2m.clients.secrets, clientID: one.clientID)
        try await main.rotate(m2m.clients.secrets, clientID: other.clientID)
        let stored = [(one, await vault.stored), (other, await main.stored)]
        for (client, secret) in stored {
            _ = try await m2m.token(clientID: client.clientID, clientSecret: try #require(secret))
        }
    }

    struct VaultIsClosed: Error {}

    @Test func theStoresOwnErrorComesOut() async throws {
        let client = try await create()
        await #expect(throws: VaultIsClosed.self) {
            try await m2m.clients.secrets.rotateWith(clientID: client.clientID) { _ in
                throw VaultIsClosed()
            }
        }
        #expect(try await m2m.clients.get(clientID: client.clientID).m2mClient == client.client)
    }

    @Test func whoIsCancelledWhileStoringLeavesNoRotationBehind() async throws {
        let client = try await create()
        let (storing, started) = AsyncStream.makeStream(of: Void.self)
        let rotation = Task {
            try await m2m.clients.secrets.rotateWith(clientID: client.clientID) { _ in
                started.yield()
                try await Task.sleep(for: .seconds(3600))
            }
        }
        for await _ in storing { break }
        rotation.cancel()
        await #expect(throws: CancellationError.self) { try await rotation.value }
        #expect(try await m2m.clients.get(clientID: client.clientID).m2mClient == client.client)
    }
}
