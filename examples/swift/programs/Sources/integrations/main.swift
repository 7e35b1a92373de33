import Hummingbird
import HummingbirdIntegration
import Logging
import StytchM2M
import SwiftLogIntegration
import Vapor
import VaporIntegration

// Runs each integration with good and bad tokens.

struct Context: M2MRequestContext {
    var claims: TokenClaims?
}

struct Route: AsyncResponder {
    func respond(to request: Vapor.Request) async throws -> Vapor.Response {
        Vapor.Response(body: .init(string: request.claims?.clientID ?? "nobody"))
    }
}

struct Unexpected: Error {
    let found: String
}

func require(_ holds: Bool, _ found: String) throws {
    if !holds { throw Unexpected(found: found) }
}

logToSwiftLog()

let client = try StytchClient()
let created = try await client.m2m.clients.create(scopes: ["read:invoices"]).m2mClient
let token = try await client.m2m.token(
    clientID: created.clientID, clientSecret: created.clientSecret)

let cases: [(header: String?, scope: String, status: Int)] = [
    (token.authorizationHeader.reveal(), "read:invoices", 200),
    (token.authorizationHeader.reveal(), "write:invoices", 403),
    ("Bearer no.good.token", "read:invoices", 401),
    (nil, "read:invoices", 401),
]
for (header, scope, status) in cases {
    var fields = HTTPFields()
    fields[.authorization] = header
    let hummingbird = HummingbirdIntegration.M2MMiddleware<Context>(
        client.m2m.verifier, requiredScopes: [scope])
    let first = try await hummingbird.handle(
        Hummingbird.Request(headers: fields), context: Context()
    ) { _, context in
        let body = ResponseBody(byteBuffer: ByteBuffer(string: context.claims?.clientID ?? ""))
        return Hummingbird.Response(status: .init(code: 200), body: body)
    }
    try require(first.status.code == status, "Hummingbird: \(first.status.code), not \(status)")

    let vapor = VaporIntegration.M2MMiddleware(client.m2m.verifier, requiredScopes: [scope])
    let headers = HTTPHeaders(header.map { [("Authorization", $0)] } ?? [])
    let second = try await vapor.respond(
        to: Vapor.Request(headers: headers), chainingTo: Route())
    try require(second.status.code == status, "Vapor: \(second.status.code), not \(status)")

    let bodies = [first.body.buffer.string, second.body.string ?? ""]
    if status == 200 {
        try require(bodies == [created.clientID, created.clientID], "\(bodies)")
    } else {
        let challenges =
            [first.headers[.wwwAuthenticate] ?? ""] + second.headers["WWW-Authenticate"]
        try require(
            challenges.count == 2 && challenges.allSatisfy { $0.hasPrefix("Bearer") },
            "\(challenges)")
    }
}

for await line in Logger.lines.stream where line.contains("answered") {
    try require(line.contains("stytch-m2m debug:") && line.contains("request_id"), line)
    break
}
print("Hummingbird, Vapor and swift-log: as expected")
