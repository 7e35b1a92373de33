import Foundation
import Hummingbird
import HummingbirdIntegration
import Logging
import StytchM2M
import SwiftLogIntegration
import Vapor
import VaporIntegration

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

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

struct Case {
    var header: String?
    var scopes: [String]
    var organization: RequiredOrganization?
    var maxTokenAge: Duration?
    var authorize: TokenVerifier.Authorize?
    var status: Int
}

/// A token of a machine of this organization, which the server of the tests issues.
func issued(_ clientID: String, organization: String) async throws -> String {
    let server = ProcessInfo.processInfo.environment["STYTCH_BASE_URL"] ?? ""
    guard let url = URL(string: "\(server)/_emulator/tokens") else {
        throw Unexpected(found: server)
    }
    var request = URLRequest(url: url)
    request.httpMethod = "POST"
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    request.httpBody = Data(
        #"{"client_id":"\#(clientID)","scopes":[],"changes":{"claims":{"org_id":"\#(organization)"}}}"#
            .utf8)
    let (body, _) = try await URLSession.shared.data(for: request)
    struct Answer: Decodable { let access_token: String }
    return "Bearer " + (try JSONDecoder().decode(Answer.self, from: body).access_token)
}

let good = token.authorizationHeader.reveal()
let acme = try await issued(created.clientID, organization: "acme")
let both = ["read:invoices", "write:invoices"]
let cases = [
    Case(header: good, scopes: ["read:invoices"], status: 200),
    Case(header: good, scopes: ["write:invoices"], status: 403),
    Case(header: "Bearer no.good.token", scopes: ["read:invoices"], status: 401),
    Case(header: nil, scopes: ["read:invoices"], status: 401),
    Case(header: good, scopes: both, status: 403),
    // A rule of one's own replaces the comparison of scopes: one of them is enough.
    Case(
        header: good, scopes: both,
        authorize: { claims, any in claims.missingScopes(any).count < any.count }, status: 200),
    Case(header: good, scopes: ["read:invoices"], authorize: { _, _ in false }, status: 403),
    Case(header: good, scopes: [], maxTokenAge: .zero, status: 401),
    // The token is of no organization's client.
    Case(header: good, scopes: [], organization: "acme", status: 403),
    Case(header: good, scopes: [], organization: .any, status: 403),
    Case(header: good, scopes: [], organization: .exactly(nil), status: 403),
    Case(header: acme, scopes: [], organization: "acme", status: 200),
    Case(header: acme, scopes: [], organization: .any, status: 200),
    Case(header: acme, scopes: [], organization: "globex", status: 403),
]
for wanted in cases {
    let (header, status) = (wanted.header, wanted.status)
    var fields = HTTPFields()
    fields[.authorization] = header
    let hummingbird = HummingbirdIntegration.M2MMiddleware<Context>(
        client.m2m.verifier, requiredScopes: wanted.scopes,
        organization: wanted.organization.map {
            organization -> HummingbirdIntegration.M2MMiddleware<Context>.Organization in
            { _, _ in organization }
        },
        maxTokenAge: wanted.maxTokenAge, authorize: wanted.authorize)
    let first = try await hummingbird.handle(
        Hummingbird.Request(headers: fields), context: Context()
    ) { _, context in
        let body = ResponseBody(byteBuffer: ByteBuffer(string: context.claims?.clientID ?? ""))
        return Hummingbird.Response(status: .init(code: 200), body: body)
    }
    try require(first.status.code == status, "Hummingbird: \(first.status.code), not \(status)")

    let vapor = VaporIntegration.M2MMiddleware(
        client.m2m.verifier, requiredScopes: wanted.scopes,
        organization: wanted.organization.map {
            organization -> VaporIntegration.M2MMiddleware.Organization in
            { _ in organization }
        },
        maxTokenAge: wanted.maxTokenAge, authorize: wanted.authorize)
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
