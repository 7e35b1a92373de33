import Foundation
import StytchM2M
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The organization of a client, in the token and in the check.
@Suite struct RequiredOrganizationTests {
    let emulator: Emulator

    init() throws {
        emulator = try Emulator()
    }

    /// A token with these claims, which the emulator issues without any client.
    func issued(_ claims: String) async throws -> Secret {
        let url = try #require(URL(string: "\(emulator.baseURL)/_emulator/tokens"))
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        let body = #"{"client_id":"machine","scopes":[],"changes":{"claims":\#(claims)}}"#
        request.httpBody = Data(body.utf8)
        let (answer, _) = try await URLSession.shared.data(for: request)
        let members = try JSONDecoder().decode([String: JSONValue].self, from: answer)
        return Secret(try #require(members["access_token"]?.stringValue))
    }

    @Test func aTokenMustBelongToTheOrganizationThatIsRequired() async throws {
        let (acme, nobodys) = (try await issued(#"{"org_id":"acme"}"#), try await issued("{}"))
        let verifier = try emulator.client().m2m.verifier
        for right in [nil, "acme", .any] as [RequiredOrganization?] {
            let claims = try await verifier.authenticateToken(
                accessToken: acme, organization: right)
            #expect(claims.organization == "acme")
        }
        #expect(try await verifier.authenticateToken(accessToken: nobodys).organization == nil)
        let wrong: [RequiredOrganization] = ["globex", "Acme", "acme ", "", .exactly(nil)]
        for (token, organizations) in [(acme, wrong), (nobodys, wrong + [.any])] {
            for organization in organizations {
                let refused = try await failure {
                    try await verifier.authenticateToken(
                        accessToken: token, organization: organization,
                        authorize: { _, _ in true })
                }
                #expect(refused.code == "insufficient_scope")
                #expect(refused.reason == .wrongOrganization && refused.refusal?.status == 403)
            }
        }
    }

    @Test func theClaimIsTheOneThatTheIssuersSettingsName() async throws {
        let token = try await issued(#"{"tenant":{"id":"acme"},"org_id":"globex"}"#)
        for (claim, wanted) in [("tenant.id", "acme"), ("org_id", "globex"), (nil, nil)] {
            var project = try IssuerConfig.stytch(
                projectID: emulator.projectID, baseURL: emulator.baseURL)
            project.organizationClaim = claim
            let verifier = try TokenVerifier(issuers: [project])
            let claims = try await verifier.authenticateToken(accessToken: token)
            #expect(claims.organization == wanted)
        }
    }

    @Test func aClientIsCreatedForAnOrganizationFoundByItAndMovedToAnother() async throws {
        let clients = try emulator.client().m2m.clients
        let id = UUID().uuidString
        let created = try await clients.create(scopes: [], organizationID: id).m2mClient
        #expect(created.organizationID == id)
        #expect(created.trustedMetadata == ["organization_id": .string(id)])
        func found() async throws -> [String] {
            var ids: [String] = []
            for try await client in clients.searchAll(organizationID: id) {
                ids.append(client.clientID)
            }
            return ids
        }
        #expect(try await found() == [created.clientID])
        let moved = try await clients.update(clientID: created.clientID, organizationID: "other")
        #expect(moved.m2mClient.organizationID == "other")
        #expect(try await found().isEmpty)
        try await clients.delete(clientID: created.clientID)
    }
}
