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
    /// Rounded down, so that what is negative stays negative.
    var wholeSeconds: Int64 {
        components.attoseconds < 0 ? components.seconds - 1 : components.seconds
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

/// An object as the text in which it crosses. One with a number that JSON cannot hold, such as NaN,
/// becomes an empty text, which the core refuses by the field's name.
func jsonText(_ object: [String: JSONValue]) -> String {
    let data = try? JSONEncoder().encode(object)
    return String(decoding: data ?? Data(), as: UTF8.self)
}

/// The object in a text that came from the core.
func jsonObject(_ text: String) -> [String: JSONValue] {
    let decoded = try? JSONDecoder().decode([String: JSONValue].self, from: Data(text.utf8))
    return decoded ?? [:]
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
    }
}
