import Foundation
import StytchM2M
import StytchM2MURLSession
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

@Suite(.timeLimit(.minutes(1))) final class URLSessionTests {
    static let refused = answer(
        "401 Unauthorized", "no", #"WWW-Authenticate: Bearer error="invalid_token""#)
    static let accepted = answer("200 OK", "yes")

    let emulator: Emulator
    /// A server stops with its object.
    private var issuers: [LocalServer] = []

    init() throws {
        emulator = try Emulator()
    }

    static func answer(_ status: String, _ body: String, _ header: String = "X: y") -> String {
        "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(header)\r\n"
            + "Connection: close\r\n\r\n\(body)"
    }

    func request(to server: LocalServer) throws -> URLRequest {
        var request = URLRequest(url: try #require(URL(string: "\(server.baseURL)/orders")))
        request.httpMethod = "POST"
        request.httpBody = Data("order".utf8)
        return request
    }

    /// The `Authorization` header of the next request that reaches the server.
    func authorization(
        _ events: inout AsyncStream<LocalServer.Event>.AsyncIterator
    ) async throws -> String? {
        while let event = await events.next() {
            guard case .request(let head) = event else { continue }
            let lines = head.split(separator: "\r\n").map(String.init)
            let line = lines.first { $0.lowercased().hasPrefix("authorization: ") }
            return line.map { String($0.dropFirst("authorization: ".count)) }
        }
        throw SetupError("the server stopped")
    }

    @Test func aRequestCarriesTheToken() async throws {
        let source = try emulator.tokenSource(of: await emulator.createClient())
        var request = URLRequest(url: try #require(URL(string: emulator.baseURL)))
        try await request.authorize(with: source)
        let header = try await source.authorizationHeader().reveal()
        #expect(request.value(forHTTPHeaderField: "Authorization") == header)
    }

    /// A source of these tokens, in turn.
    func source(_ tokens: String...) throws -> TokenSource {
        let answers = tokens.map { token in
            Self.answer(
                "200 OK",
                #"{"access_token":"\#(token)","token_type":"bearer","expires_in":3600}"#,
                "Content-Type: application/json")
        }
        let issuer = try LocalServer(.replies(answers))
        issuers.append(issuer)
        return try TokenSource(
            clientID: "some-client", clientSecret: "some-secret",
            tokenURL: "\(issuer.baseURL)/token")
    }

    func session(
        _ source: TokenSource, _ servers: LocalServer...
    ) throws -> AuthorizedSession {
        try AuthorizedSession(source, origins: servers.map(\.baseURL))
    }

    func status(_ answer: (Data, URLResponse)) -> Int? {
        (answer.1 as? HTTPURLResponse)?.statusCode
    }

    @Test(arguments: [[], ["http://api.example.com"], ["https://api.example.com/v1"]])
    func originsMustBeNamed(origins: [String]) async throws {
        let source = try source("one")
        let error = try await failure { try AuthorizedSession(source, origins: origins) }
        #expect(error.code == "invalid_config")
        #expect(error.field == "origins")
    }

    @Test func aServerThatIsNotNamedGetsNoToken() async throws {
        let source = try source("one")
        let server = try LocalServer(.replies([Self.accepted]))
        let other = try LocalServer(.replies([Self.refused]))
        let answer = try await session(source, server).data(for: request(to: other))
        #expect(status(answer) == 401)
        var events = other.events.makeAsyncIterator()
        #expect(try await authorization(&events) == nil)
        #expect(source.stats().refreshes == 0)
    }

    @Test func aRequestKeepsTheAuthorizationThatItHas() async throws {
        let source = try source("one")
        let server = try LocalServer(.replies([Self.refused]))
        var request = try request(to: server)
        request.setValue("Basic mine", forHTTPHeaderField: "Authorization")
        #expect(status(try await session(source, server).data(for: request)) == 401)
        var events = server.events.makeAsyncIterator()
        #expect(try await authorization(&events) == "Basic mine")
        #expect(source.stats().refreshes == 0)
    }

    @Test func aRefusedTokenIsReplacedOnce() async throws {
        let source = try source("one", "two")
        let server = try LocalServer(.replies([Self.refused, Self.accepted]))
        let (body, _) = try await session(source, server).data(for: request(to: server))
        #expect(String(decoding: body, as: UTF8.self) == "yes")
        var events = server.events.makeAsyncIterator()
        #expect(try await authorization(&events) == "Bearer one")
        #expect(try await authorization(&events) == "Bearer two")
    }

    @Test func aServerThatRefusesAgainHasTheLastWord() async throws {
        let source = try source("one", "two", "three")
        let server = try LocalServer(.replies([Self.refused, Self.refused, Self.accepted]))
        let answer = try await session(source, server).data(for: request(to: server))
        #expect(status(answer) == 401)
        #expect(source.stats().refreshes == 2)
    }

    @Test func aRefusedRequestIsNotSentAgainWithTheSameToken() async throws {
        let source = try source("one", "one")
        let server = try LocalServer(.replies([Self.refused, Self.accepted]))
        let answer = try await session(source, server).data(for: request(to: server))
        #expect(status(answer) == 401)
    }

    @Test(arguments: ["X: y", #"WWW-Authenticate: Bearer error="insufficient_scope""#])
    func anotherChallengeIsNotAnswered(header: String) async throws {
        let source = try source("one", "two")
        let server = try LocalServer(
            .replies([Self.answer("401 Unauthorized", "no", header), Self.accepted]))
        let answer = try await session(source, server).data(for: request(to: server))
        #expect(status(answer) == 401)
        #expect(source.stats().refreshes == 1)
    }

    @Test func aRequestThatWasTakenIsNotSentAgainWhenItsRedirectIsRefused() async throws {
        let source = try source("one", "two")
        let page = Self.answer("303 See Other", "", "Location: /page")
        let server = try LocalServer(.replies([page, Self.refused, Self.accepted]))
        let answer = try await session(source, server).data(for: request(to: server))
        #expect(status(answer) == 401)
        #expect(source.stats().refreshes == 1)
    }

    /// Even if the other origin is named, and when it sends the request back.
    @Test(arguments: [false, true])
    func theTokenStaysWithItsOrigin(bothAreNamed: Bool) async throws {
        let source = try source("one")
        let server = try LocalServer { url in
            let elsewhere = url.replacing("127.0.0.1", with: "localhost")
            let moves = ["\(elsewhere)/x", "\(url)/y"].map {
                Self.answer("307 Temporary Redirect", "", "Location: \($0)")
            }
            return moves + [Self.accepted]
        }
        let elsewhere = server.baseURL.replacing("127.0.0.1", with: "localhost")
        let origins = bothAreNamed ? [server.baseURL, elsewhere] : [server.baseURL]
        let session = try AuthorizedSession(source, origins: origins)
        #expect(status(try await session.data(for: request(to: server))) == 200)
        var events = server.events.makeAsyncIterator()
        #expect(try await authorization(&events) == "Bearer one")
        #expect(try await authorization(&events) == nil)
        #expect(try await authorization(&events) == nil)
    }

    @Test func theTokenFollowsWithinItsOrigin() async throws {
        let source = try source("one")
        let moved = Self.answer("307 Temporary Redirect", "", "Location: /elsewhere")
        let server = try LocalServer(.replies([moved, Self.accepted]))
        _ = try await session(source, server).data(for: request(to: server))
        var events = server.events.makeAsyncIterator()
        #expect(try await authorization(&events) == "Bearer one")
        #expect(try await authorization(&events) == "Bearer one")
    }
}
