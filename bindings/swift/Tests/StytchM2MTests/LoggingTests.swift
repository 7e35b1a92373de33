import Foundation
import StytchM2M
import Testing

/// The core's log events reach a handler. Only one handler is set in these tests, for the process has
/// one.
@Suite(.serialized) struct LoggingTests {
    @Test(.timeLimit(.minutes(1)))
    func eachRequestIsLoggedWithItsOperationHostIDAndTime() async throws {
        let (events, logged) = AsyncStream.makeStream(of: LogEvent.self)
        setLogHandler { logged.yield($0) }
        defer { setLogHandler(nil) }

        let emulator = try Emulator()
        let client = try emulator.client()
        let created = try await client.m2m.clients.create(scopes: ["read:users"])
        let secret = created.m2mClient.clientSecret
        let token = try await client.m2m.token(
            clientID: created.m2mClient.clientID, clientSecret: secret)
        let wrong: Secret = "canary-of-a-wrong-secret"
        _ = try await failure {
            try await client.m2m.token(clientID: created.m2mClient.clientID, clientSecret: wrong)
        }

        var answered: LogEvent?
        for await event in events {
            for hidden in [secret, token.accessToken, wrong, emulator.secret] {
                #expect(!"\(event)".contains(hidden.reveal()))
            }
            if event.fields["request_id"] == created.requestID { answered = event }
            // Other tests of this process have events, too.
            if answered != nil, event.level == .warning, event.fields["code"] == "authentication",
                event.message == "access token not fetched"
            {
                break
            }
        }
        let event = try #require(answered)
        #expect(event.level == .debug)
        #expect(event.message == "answered")
        #expect(event.fields["operation"] == "create")
        #expect(event.fields["method"] == "POST")
        #expect(event.fields["path"]?.hasSuffix("/m2m/clients") == true)
        #expect(event.fields["status"] == "200")
        #expect(event.fields["host"].map { emulator.baseURL.hasSuffix($0) } == true)
        #expect(Int(event.fields["elapsed_ms"] ?? "") != nil)
        #expect("\(event)".contains("answered elapsed_ms="))
    }

    @Test(.timeLimit(.minutes(1)))
    func aHandlerThatHangsStopsNoCall() async throws {
        let released = DispatchSemaphore(value: 0)
        setLogHandler { _ in released.wait() }
        defer {
            setLogHandler(nil)
            released.signal()
        }
        let client = try Emulator().client()
        for _ in 0..<20 {
            _ = try await client.m2m.clients.search(limit: 1)
        }
    }
}
