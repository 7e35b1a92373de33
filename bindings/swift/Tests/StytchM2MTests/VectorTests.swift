import Foundation
import Testing

@testable import StytchM2M

/// The cases of `tests/vectors`, which every language runs.
@Suite struct VectorTests {
    @Test(.timeLimit(.minutes(1)))
    func everyTokenGetsWhatItMust() async throws {
        let files = try FileManager.default.contentsOfDirectory(
            at: Repository.folder("tests/vectors"), includingPropertiesForKeys: nil)
        var ran = 0
        for url in files where url.pathExtension == "json" {
            let file = try JSONDecoder().decode(VectorFile.self, from: Data(contentsOf: url))
            for vector in file.cases {
                ran += 1
                let got =
                    vector.call == nil
                    ? await outcome(of: vector, in: file) : bearer(vector)
                for (name, wanted) in vector.wanted {
                    #expect(
                        got[name] == wanted,
                        "\(name) in \(url.lastPathComponent), \(vector.id): \(vector.name)")
                }
            }
        }
        print("vectors: \(ran) cases")
        #expect(ran >= 600)
    }

    /// What came of it, under the names that the vectors use.
    func outcome(of vector: Vector, in file: VectorFile) async -> [String: JSONValue] {
        var transport = TransportConfig()
        transport.clockUnixSeconds = file.now
        do {
            let issuers = try (vector.issuers ?? file.issuers ?? []).map { try $0.config }
            let verifier = try TokenVerifier(issuers: issuers, transport: transport)
            let options = vector.options
            return try await verifier.authenticateToken(
                accessToken: Secret(
                    String(repeating: vector.token ?? "", count: vector.repeat ?? 1)),
                requiredScopes: options?.required_scopes ?? [],
                organization: options?.organization.map { organization in
                    organization.stringValue.map { .exactly($0) } ?? .any
                },
                maxTokenAge: options?.max_token_age_seconds.map { .seconds($0) },
                clockTolerance: .seconds(options?.clock_tolerance_seconds ?? 0)
            ).members
        } catch let error as M2MError {
            return error.members
        } catch {
            return ["error": .string("\(error)")]
        }
    }
}

struct VectorFile: Decodable {
    let now: Int64?
    let issuers: [VectorIssuer]?
    let cases: [Vector]
}

struct Vector: Decodable {
    struct Options: Decodable {
        let required_scopes: [String]?
        let organization: JSONValue?
        let max_token_age_seconds: Int64?
        let clock_tolerance_seconds: Int64?
    }

    let id: String
    let name: String
    let token: String?
    let call: String?
    let given: JSONValue?
    let `repeat`: Int?
    let issuers: [VectorIssuer]?
    let options: Options?
    let expect: [String: JSONValue]

    /// The fields to compare. That the other outcome came shows in all of them.
    var wanted: [String: JSONValue] {
        expect["ok"]?.objectValue ?? expect
    }
}

struct VectorIssuer: Decodable {
    struct Arguments: Decodable {
        let project_id: String?
        let domain: String?
        let user_pool_id: String?
        let tenant: String?
        let issuer: String?
        let audience: String?
        let client_ids: [String]?
    }

    let preset: String?
    let arguments: Arguments?
    let issuers: [String]?
    let audiences: [String]?
    let algorithms: [String]?
    let jwks: String
    let profile: String?
    let allow_missing_typ: Bool?
    let allow_missing_kid: Bool?
    let accept_scope_array: Bool?
    let wildcard_scopes: Bool?
    let allow_bound_tokens: Bool?
    let require_typ: String?
    let scope_map: [String: String]?
    let required_claims: [String: String]?
    let require_client_subject: Bool?
    let client_ids: [String]?
    let client_id_claims: [String]?
    let scope_claims: [String]?
    let organization_claim: OrganizationClaim
    let forbidden_claims: [String]?
    let allow_missing_sub: Bool?
    let require_any_scope: Bool?
    let max_token_lifetime_seconds: Int64?
    let clock_tolerance_seconds: Int64?
    let max_jwks_keys: Int?
    let max_jwks_bytes: Int?
    let jwks_token_file: String?

    var config: IssuerConfig {
        get throws {
            guard let preset, let arguments else { return declared }
            var config = try arguments.provider(preset)
            config.keys = .jwks(jwks)
            return config
        }
    }

    private var declared: IssuerConfig {
        let profiles: [String: TokenProfile] = ["stytch": .stytch, "auth0": .auth0]
        // RFC 9864 gives EdDSA a second name.
        let names = (algorithms ?? []).map { $0 == "Ed25519" ? "EdDSA" : $0 }
        return IssuerConfig(
            issuers: issuers ?? [], audiences: audiences ?? [],
            algorithms: names.compactMap(Algorithm.init), keys: .jwks(jwks),
            profile: profiles[profile ?? ""] ?? .oauth, allowMissingTyp: allow_missing_typ ?? false,
            allowMissingKid: allow_missing_kid ?? false,
            acceptScopeArray: accept_scope_array ?? false,
            wildcardScopes: wildcard_scopes ?? false,
            allowBoundTokens: allow_bound_tokens ?? false,
            requireTyp: require_typ,
            scopeMap: scope_map ?? [:],
            requiredClaims: required_claims ?? [:],
            requireClientSubject: require_client_subject ?? false,
            clientIDs: client_ids ?? [],
            clientIDClaims: client_id_claims ?? [],
            scopeClaims: scope_claims ?? ["scope"],
            organizationClaim: organization_claim.name,
            forbiddenClaims: forbidden_claims ?? [],
            allowMissingSub: allow_missing_sub ?? false,
            requireAnyScope: require_any_scope ?? false,
            maxTokenLifetime: max_token_lifetime_seconds.map { .seconds($0) },
            clockTolerance: .seconds(clock_tolerance_seconds ?? 0),
            maxJWKSKeys: max_jwks_keys ?? 1000,
            maxJWKSBytes: max_jwks_bytes ?? 1 << 20,
            jwksTokenFile: jwks_token_file)
    }
}

/// The claim with the organization: `null` is none, and no member is the default.
struct OrganizationClaim: Decodable {
    let name: String?
}

extension KeyedDecodingContainer {
    func decode(_: OrganizationClaim.Type, forKey key: Key) throws -> OrganizationClaim {
        guard contains(key) else { return OrganizationClaim(name: "org_id") }
        return OrganizationClaim(name: try decodeIfPresent(String.self, forKey: key))
    }
}

extension VectorIssuer.Arguments {
    /// The settings of a provider, by the function that its name is of.
    fileprivate func provider(_ preset: String) throws -> IssuerConfig {
        let (issuer, audience) = (issuer ?? "", audience ?? "")
        let clients = client_ids ?? []
        switch preset {
        case "stytch": return try .stytch(projectID: project_id)
        case "auth0": return try .auth0(domain: domain ?? "", audience: audience)
        case "cognito": return try .cognito(userPoolID: user_pool_id ?? "", clientIDs: clients)
        case "entra": return try .entra(tenant: tenant ?? "", audience: audience)
        case "okta": return try .okta(issuer: issuer, audience: audience)
        case "keycloak": return try .keycloak(issuer: issuer, audience: audience)
        case "google": return try .google(audience: audience, clientIDs: clients)
        case "hydra": return try .hydra(issuer: issuer, audience: audience)
        case "zitadel":
            return try .zitadel(issuer: issuer, audience: audience, clientIDs: clients)
        case "duende": return try .duende(issuer: issuer, audience: audience)
        default: return try .kubernetes(issuer: issuer, audience: audience)
        }
    }
}

extension TokenClaims {
    fileprivate var members: [String: JSONValue] {
        func seconds(_ date: Date?) -> JSONValue {
            date.map { .integer(Int64($0.timeIntervalSince1970)) } ?? .null
        }
        return [
            "client_id": .string(clientID), "scopes": .strings(scopes),
            "wildcard_scopes": .bool(wildcardScopes),
            "custom_claims": .object(customClaims.values),
            "custom_claims_json": .string(customClaims.json), "issuer": .string(issuer),
            "audience": .strings(audience), "issued_at": seconds(issuedAt),
            "not_before": seconds(notBefore), "expires_at": seconds(expiresAt),
            "token_id": .text(tokenID), "subject": .text(subject),
            "organization": .text(organization),
        ]
    }
}

extension M2MError {
    /// Under the names that the vectors use.
    var members: [String: JSONValue] {
        [
            "code": .string(code), "reason": .text(details.reason?.rawValue),
            "claim": .text(details.claim), "field": .text(details.field),
            "missing_scopes": .strings(details.missingScopes),
            "refusal": details.refusal.map(\.shown) ?? .null,
        ]
    }
}
