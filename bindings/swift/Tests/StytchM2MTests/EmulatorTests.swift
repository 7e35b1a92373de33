import Foundation
import StytchM2M
import StytchM2MTesting
import Testing

/// The emulator that `StytchM2MTesting` starts.
@Suite struct EmulatorTests {
    @Test(.timeLimit(.minutes(1)))
    func itTestsAService() async throws {
        let emulator = try await StytchM2MTesting.Emulator.start(seed: [
            "clients": [
                [
                    "client_id": "billing", "client_secret": "a-secret-of-the-seed-0123456789",
                    "scopes": ["read:invoices"],
                ]
            ]
        ])
        let client = try emulator.client()
        let secret: Secret = "a-secret-of-the-seed-0123456789"
        let fetched = try await client.m2m.token(clientID: "billing", clientSecret: secret)
        _ = try await client.m2m.authenticateToken(accessToken: fetched.accessToken)
        #expect(try await emulator.tokenRequests(clientID: "billing") == 1)
        #expect(try await emulator.counts()["jwks"] == 1)

        let expired = try await emulator.issueToken(
            clientID: "billing", changes: ["issued_at_offset_seconds": -7200])
        let refused = try await failure {
            try await client.m2m.authenticateToken(accessToken: expired)
        }
        #expect(refused.reason == .expired)

        try await emulator.addFault(
            ["type": "status", "status": 400], operation: "token", times: 1)
        let failed = try await failure {
            try await client.m2m.token(
                clientID: "billing", clientSecret: secret, forceRefresh: true)
        }
        #expect(failed.statusCode == 400)
        #expect(try await emulator.requests(operation: "token").count == 2)

        for shown in ["\(emulator)", String(reflecting: emulator)] {
            #expect(!shown.contains(emulator.secret.reveal()))
        }
        emulator.stop()
    }

    @Test func aWrongSeedIsNamed() async throws {
        await #expect {
            try await StytchM2MTesting.Emulator.start(seed: ["clientz": []])
        } throws: { error in
            "\(error)".contains("clientz")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func aWrongProjectIsNamed() async throws {
        await #expect {
            try await StytchM2MTesting.Emulator.start(projectID: "no project")
        } throws: { error in
            "\(error)".contains("did not start") && "\(error)".contains("project")
        }
    }

    @Test func aProgramThatIsNotThereIsNamed() async throws {
        await #expect {
            try await StytchM2MTesting.Emulator.start(program: URL(fileURLWithPath: "/no/emulator"))
        } throws: { error in
            "\(error)".contains("/no/emulator")
        }
    }
}
