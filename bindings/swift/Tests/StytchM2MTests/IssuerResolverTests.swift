import Foundation
import StytchM2M
import Testing

/// Issuers that are not listed: a function decides.
@Suite struct IssuerResolverTests {
    let emulator: Emulator

    init() throws {
        emulator = try Emulator()
    }

    /// The names that a function was asked about.
    actor Asked {
        private(set) var names: [String] = []

        func add(_ name: String) { names.append(name) }
    }

    struct Away: Error {}

    var name: String { "stytch.com/\(emulator.projectID)" }

    func project() throws -> IssuerConfig {
        try .stytch(projectID: emulator.projectID, baseURL: emulator.baseURL)
    }

    func token() async throws -> Secret {
        try await emulator.tokenSource(of: emulator.createClient()).getToken().accessToken
    }

    @Test(.timeLimit(.minutes(1)))
    func anIssuerIsAskedAboutOnce() async throws {
        let (asked, token) = (Asked(), try await token())
        let (name, project) = (name, try project())
        let resolver = IssuerResolver { issuer in
            await asked.add(issuer)
            return issuer == name ? project : nil
        }
        let verifier = try TokenVerifier(
            issuers: [], issuerResolver: resolver, transport: Emulator.patient)
        let issuers = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<20 {
                group.addTask { try await verifier.authenticateToken(accessToken: token).issuer }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(issuers == [name])
        #expect(await asked.names == [name])
    }

    @Test func aListedIssuerIsNeverAskedAbout() async throws {
        let asked = Asked()
        let resolver = IssuerResolver { issuer in
            await asked.add(issuer)
            return nil
        }
        let verifier = try TokenVerifier(
            issuers: [try project()], issuerResolver: resolver, transport: Emulator.patient)
        let token = try await token()
        _ = try await verifier.authenticateToken(accessToken: token)
        #expect(await asked.names.isEmpty)
        // An unknown one is refused, and that is remembered.
        let strict = try TokenVerifier(
            issuers: [], issuerResolver: resolver, transport: Emulator.patient)
        for _ in 0..<3 {
            let refused = try await failure {
                _ = try await strict.authenticateToken(accessToken: token)
            }
            #expect(refused.code == "invalid_token" && refused.claim == "iss")
        }
        #expect(await asked.names == [name])
    }

    @Test func aFunctionThatFailsOrAnswersForAnotherIssuerIsA503() async throws {
        let token = try await token()
        let other = IssuerConfig.discover(issuer: "https://other.example.com", audiences: ["api"])
        for resolver in [IssuerResolver { _ in throw Away() }, IssuerResolver { _ in other }] {
            let verifier = try TokenVerifier(
                issuers: [], issuerResolver: resolver, transport: Emulator.patient)
            let away = try await failure {
                _ = try await verifier.authenticateToken(accessToken: token)
            }
            #expect(away.refusal?.status == 503, "\(away)")
        }
    }

    @Test func entrasTenantsAreAskedAboutByTheirIDs() async throws {
        let asked = Asked()
        let resolver = IssuerResolver.entra(audience: "api://orders") { tenant in
            await asked.add(tenant)
            return true
        }
        let verifier = try TokenVerifier(
            issuers: [], issuerResolver: resolver, transport: Emulator.patient)
        let token = try await token()
        let refused = try await failure {
            _ = try await verifier.authenticateToken(accessToken: token)
        }
        #expect(refused.code == "invalid_token")
        #expect(await asked.names.isEmpty)
    }

    @Test func wrongLimitsAreFoundWhenTheVerifierIsMade() async throws {
        for (field, resolver) in [
            ("lifetime", IssuerResolver(lifetime: .zero) { _ in nil }),
            ("negative_lifetime", IssuerResolver(negativeLifetime: .seconds(-1)) { _ in nil }),
            ("max_issuers", IssuerResolver(maxIssuers: 0) { _ in nil }),
        ] {
            let wrong = try await failure {
                _ = try TokenVerifier(
                    issuers: [], issuerResolver: resolver, transport: Emulator.patient)
            }
            #expect(wrong.field == field)
        }
    }

    @Test func aProjectHasSeveralNamesAndTenantsMayBeAList() throws {
        let names = ["https://login.example.com", "https://api.example.com"]
        let project = try IssuerConfig.stytch(projectID: "project-test-1", baseURLs: names)
        #expect(Set(names).isSubset(of: project.issuers))
        let tenants = [
            "0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a", "1a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a",
        ]
        let entra = try IssuerConfig.entra(tenants: tenants, audience: "api://orders")
        #expect(entra.issuers.count == 4)
    }
}
