import Foundation
import StytchM2M
import Testing

/// The organization-scoped API, whose calls `tests/scenarios` plays.
@Suite struct OrganizationTests {
    let emulator: Emulator

    init() throws {
        emulator = try Emulator()
    }

    @Test func itsTokenIsFetchedOnceAndAnewAfterARotation() async throws {
        let authorization = Secret("Bearer \(try await emulator.organizationAuthorization())")
        let organization = try OrganizationClient(
            baseURL: emulator.baseURL, authorization: authorization)
        #expect(try await organization.clientID().isEmpty == false)
        let token = try await organization.token()
        #expect(try await organization.token().accessToken == token.accessToken)
        #expect(organization.stats().refreshes == 1)

        let rotated = try await organization.rotate()
        #expect(try await organization.clientSecret() == rotated)
        _ = try await organization.token()
        #expect(organization.stats().refreshes == 2)
        var shown = "\(organization) \(rotated)"
        dump(organization, to: &shown)
        #expect(!shown.contains("Bearer") && !shown.contains(rotated.reveal()))
    }

    @Test(arguments: [
        ("base_url", "http://api.example.com", "canary"),
        ("authorization", "https://api.example.com", ""),
        ("authorization", "https://api.example.com", "canary\n"),
    ])
    func aWrongSettingIsNamed(field: String, baseURL: String, authorization: String) async throws {
        let error = try await failure {
            try OrganizationClient(baseURL: baseURL, authorization: Secret(authorization))
        }
        #expect(error.code == "invalid_config")
        #expect(error.field == field)
        #expect(!error.description.contains("canary"))
    }
}
