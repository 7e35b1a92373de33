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
            let issuers = (vector.issuers ?? file.issuers ?? []).map(\.config)
            let verifier = try TokenVerifier(issuers: issuers, transport: transport)
            let options = vector.options
            return try await verifier.authenticateToken(
                accessToken: Secret(
                    String(repeating: vector.token ?? "", count: vector.repeat ?? 1)),
                requiredScopes: options?.required_scopes ?? [],
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
    let issuers: [String]
    let audiences: [String]
    let algorithms: [String]
    let jwks: String
    let profile: String
    let allow_missing_typ: Bool?
    let allow_missing_kid: Bool?
    let accept_scope_array: Bool?
    let wildcard_scopes: Bool?
    let allow_bound_tokens: Bool?
    let require_typ: String?
    let scope_map: [String: String]?
    let required_claims: [String: String]?
    let require_client_subject: Bool?

    var config: IssuerConfig {
        let profiles: [String: TokenProfile] = ["stytch": .stytch, "auth0": .auth0]
        return IssuerConfig(
            issuers: issuers, audiences: audiences,
            algorithms: algorithms.compactMap(Algorithm.init), keys: .jwks(jwks),
            profile: profiles[profile] ?? .oauth, allowMissingTyp: allow_missing_typ ?? false,
            allowMissingKid: allow_missing_kid ?? false,
            acceptScopeArray: accept_scope_array ?? false,
            wildcardScopes: wildcard_scopes ?? false,
            allowBoundTokens: allow_bound_tokens ?? false,
            requireTyp: require_typ,
            scopeMap: scope_map ?? [:],
            requiredClaims: required_claims ?? [:],
            requireClientSubject: require_client_subject ?? false)
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
            "token_id": .text(tokenID),
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
