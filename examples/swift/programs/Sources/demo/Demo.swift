import Foundation
import StytchM2M

/// The main job, end to end: create a client, fetch a token, verify it, refuse what must be refused.
///
/// `cargo xtask demo swift` runs it on the emulator. With `STYTCH_PROJECT_ID`, `STYTCH_SECRET` and
/// `STYTCH_BASE_URL` set it runs against that server.
@main struct Demo {
    static func main() async {
        do {
            try await run(StytchClient().m2m)
        } catch {
            FileHandle.standardError.write(Data("demo: \(error)\n".utf8))
            exit(1)
        }
    }

    static func run(_ m2m: M2M) async throws {
        print("1. Create a client with scopes and metadata")
        let created = try await m2m.clients.create(
            scopes: ["read:users", "write:users"],
            clientName: "payments worker",
            trustedMetadata: ["team": "payments"]
        ).m2mClient
        fact("client_id", created.clientID)
        fact("scopes", created.scopes.joined(separator: " "))
        fact("metadata", try json(created.trustedMetadata))

        print("2. Fetch a token")
        let token = try await m2m.token(
            clientID: created.clientID, clientSecret: created.clientSecret)
        fact("expires_in", "\(token.expiresIn.components.seconds) s")
        fact("token requests", try await requests(created.clientID, "counted by the server"))

        print("3. Fetch it again")
        let again = try await m2m.token(
            clientID: created.clientID, clientSecret: created.clientSecret)
        try check(again.accessToken == token.accessToken, "the second fetch is another token")
        fact("same token", "yes")
        fact(
            "token requests", try await requests(created.clientID, "still: it came from the cache"))

        print("4. Authenticate it")
        let accessToken = token.accessToken
        var claims = try await m2m.authenticateToken(accessToken: accessToken)
        try check(claims.clientID == created.clientID, "the token is another client's")
        fact("client_id", claims.clientID)
        fact("scopes", claims.scopes.joined(separator: " "))
        fact("custom_claims", claims.customClaims.json)

        print("5. Ask for a scope that it lacks")
        do {
            _ = try await m2m.authenticateToken(
                accessToken: accessToken, requiredScopes: ["delete:users"])
            throw Wrong("the token passed for a scope that it lacks")
        } catch M2MError.insufficientScope(let details) {
            fact("error", "insufficient_scope")
            fact("missing_scopes", details.missingScopes.joined(separator: " "))
        }

        print("6. Deactivate the client")
        _ = try await m2m.clients.update(clientID: created.clientID, status: .inactive)
        do {
            _ = try await m2m.token(
                clientID: created.clientID, clientSecret: created.clientSecret, forceRefresh: true)
            throw Wrong("an inactive client got a token")
        } catch let refused as M2MError {
            let status = refused.statusCode.map { " (HTTP \($0))" } ?? ""
            fact("a new token", "refused: \(refused.code)\(status)")
        }
        claims = try await m2m.authenticateToken(accessToken: accessToken)
        fact("the old token", "still verifies for \(claims.clientID)")

        print("7. Delete the client")
        fact("deleted", try await m2m.clients.delete(clientID: created.clientID).clientID)
    }
}
