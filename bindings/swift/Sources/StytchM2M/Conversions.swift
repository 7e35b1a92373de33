import Foundation
internal import StytchM2MGenerated

// What goes into the Rust core and comes out of it. The generated types have the same names, so
// they are written with their module. Switches have no `default`, so that a new case in the core
// breaks the build here.

extension Secret {
    init(_ native: SecretText) {
        self.init(native.text)
    }

    var native: SecretText {
        SecretText(text: reveal())
    }
}

extension Duration {
    /// Rounded down, so that negative values stay negative; `components` traps beyond 64 bits.
    var wholeSeconds: Int64 {
        if self >= .seconds(Int64.max) { return .max }
        if self <= .seconds(Int64.min) { return .min }
        return components.attoseconds < 0 ? components.seconds - 1 : components.seconds
    }

    var interval: TimeInterval {
        self / .seconds(1)
    }
}

extension Date {
    /// A time that can cross: generated code traps on one beyond 64 bits.
    var clamped: Date {
        let seconds = timeIntervalSince1970
        return Date(timeIntervalSince1970: seconds.isNaN ? 0 : min(max(seconds, -1e11), 1e11))
    }
}

/// Metadata as the text in which it crosses.
func metadataText(_ metadata: [String: JSONValue]) throws -> String {
    let native = JSONValue.object(metadata).native
    return try rethrowing { try jsonText(field: "trusted_metadata", value: native) }
}

/// The object in a text that came from the core.
func jsonObject(_ text: String) -> [String: JSONValue] {
    let native = try? parseJson(field: "json", text: text)
    return native.flatMap { JSONValue($0).objectValue } ?? [:]
}

extension JSONValue {
    init(_ native: JsonValue) {
        switch native {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .exact(let text): self = .exact(text)
        case .text(let value): self = .string(value)
        case .array(let values): self = .array(values.map(JSONValue.init))
        case .object(let values): self = .object(values.mapValues(JSONValue.init))
        }
    }

    var native: JsonValue {
        switch self {
        case .null: .null
        case .bool(let value): .bool(value)
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .exact(let text): .exact(text)
        case .string(let value): .text(value)
        case .array(let values): .array(values.map(\.native))
        case .object(let values): .object(values.mapValues(\.native))
        }
    }
}

extension TransportConfig {
    var native: TransportSettings {
        TransportSettings(
            connectTimeoutSeconds: connectTimeout?.interval,
            attemptTimeoutSeconds: attemptTimeout?.interval,
            totalTimeoutSeconds: totalTimeout?.interval,
            extraCaPem: extraCAPEM,
            bundledRoots: bundledRoots,
            clientCertificatePem: clientCertificatePEM?.native,
            proxy: proxy.native,
            maxKeyAgeSeconds: maxKeyAge?.interval,
            clockUnixSeconds: clockUnixSeconds)
    }
}

extension Proxy {
    var native: StytchM2MGenerated.Proxy {
        switch self {
        case .environment: .environment
        case .url(let url): .url(url.native)
        case .off: .off
        }
    }
}

extension Vertical {
    var native: StytchM2MGenerated.Vertical {
        switch self {
        case .consumer: .consumer
        case .b2b: .b2b
        }
    }
}

extension Token {
    init(_ native: StytchM2MGenerated.Token) {
        accessToken = Secret(native.accessToken)
        tokenType = native.tokenType
        expiresIn = .seconds(native.expiresIn)
        expiresAt = native.expiresAt
        grantedScopes = native.grantedScopes
        requestID = native.requestId
        statusCode = Int(native.statusCode)
    }
}

extension TokenClaims {
    init(_ native: VerifiedClaims) {
        clientID = native.clientId
        scopes = native.scopes
        wildcardScopes = native.wildcardScopes
        customClaims = CustomClaims(json: native.customClaims)
        issuer = native.issuer
        audience = native.audience
        issuedAt = native.issuedAt
        notBefore = native.notBefore
        expiresAt = native.expiresAt
        tokenID = native.tokenId
        subject = native.subject
        organization = native.organization
    }
}
