import Foundation
internal import StytchM2MGenerated

/// The claims of a verified access token.
public struct TokenClaims: Hashable, Sendable {
    /// The M2M client: `sub`, or for Auth0 `sub` without `@clients`.
    public let clientID: String
    /// The scopes in `scope`, in the token's order.
    public let scopes: [String]
    /// Whether `read:*` among them grants every `read:<resource>`; see
    /// ``IssuerConfig/wildcardScopes``.
    public let wildcardScopes: Bool
    /// The claims that are not registered ones.
    public let customClaims: CustomClaims
    /// `iss`, exactly.
    public let issuer: String
    /// `aud`, as a list.
    public let audience: [String]
    /// `iat`.
    public let issuedAt: Date?
    /// `nbf`.
    public let notBefore: Date?
    /// `exp`.
    public let expiresAt: Date
    /// `jti`.
    public let tokenID: String?
    /// `sub`, unchanged: the client, or what its issuer says instead, such as the object id of an
    /// Entra application. `nil` if the token has none; see ``IssuerConfig/allowMissingSub``.
    public let subject: String?
    /// The organization that the client belongs to, from the claim that
    /// ``IssuerConfig/organizationClaim`` names. `nil` if the token has none.
    public let organization: String?

    /// The scopes of `required` that the token does not grant, in their order.
    public func missingScopes(_ required: [String]) -> [String] {
        StytchM2MGenerated.missingScopes(
            scopes: scopes, wildcardScopes: wildcardScopes, required: required)
    }
}

/// The custom claims of a token, parsed when they are read.
///
/// ```swift
/// struct Billing: Decodable { let plan: String }
///
/// let tenant = claims.customClaims["tenant"]?.stringValue
/// let billing = try claims.customClaims.decode(Billing.self)
/// ```
public struct CustomClaims: Hashable, Sendable {
    /// The claims as one JSON object.
    public let json: String

    /// The claims by name.
    public var values: [String: JSONValue] {
        jsonObject(json)
    }

    /// One claim, or `nil` where it is absent.
    public subscript(name: String) -> JSONValue? {
        values[name]
    }

    /// The claims as a type of your own.
    ///
    /// - Throws: `DecodingError` where they do not fit it.
    public func decode<Value: Decodable>(
        _ type: Value.Type, with decoder: JSONDecoder = JSONDecoder()
    ) throws -> Value {
        try decoder.decode(type, from: Data(json.utf8))
    }
}

// What is printed ends in logs: the names of claims, and no value of any.

extension TokenClaims: CustomStringConvertible, CustomDebugStringConvertible {
    /// The names of the claims.
    public var description: String {
        let times = [("iat", issuedAt), ("nbf", notBefore)].filter { $0.1 != nil }.map(\.0)
        let own = [("jti", tokenID), ("sub", subject)].filter { $0.1 != nil }.map(\.0)
        let names = ["aud", "exp", "iss"] + times + own
        let all = names + (scopes.isEmpty ? [] : ["scope"]) + customClaims.values.keys
        return "TokenClaims(\(all.sorted().joined(separator: ", ")))"
    }

    /// The names of the claims.
    public var debugDescription: String { description }
}

extension CustomClaims: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The names of the claims.
    public var description: String {
        "CustomClaims(\(values.keys.sorted().joined(separator: ", ")))"
    }

    /// The names of the claims.
    public var debugDescription: String { description }

    /// Nothing.
    public var customMirror: Mirror { Mirror(self, unlabeledChildren: [Never]()) }
}
