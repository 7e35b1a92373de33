internal import StytchM2MGenerated

extension IssuerConfig {
    init(_ native: StytchM2MGenerated.IssuerConfig) {
        issuers = native.issuers
        audiences = native.audiences
        algorithms = native.algorithms.map(Algorithm.init)
        keys = KeySource(native.keys)
        profile = TokenProfile(native.profile)
        allowMissingTyp = native.allowMissingTyp
        allowMissingKid = native.allowMissingKid
        acceptScopeArray = native.acceptScopeArray
        wildcardScopes = native.wildcardScopes
        allowBoundTokens = native.allowBoundTokens
        requireTyp = native.requireTyp
        scopeMap = native.scopeMap
        requiredClaims = native.requiredClaims
        requireClientSubject = native.requireClientSubject
        clientIDs = native.clientIds
        clientIDClaims = native.clientIdClaims
        scopeClaims = native.scopeClaims
        organizationClaim = native.organizationClaim
        forbiddenClaims = native.forbiddenClaims
        allowMissingSub = native.allowMissingSub
        requireAnyScope = native.requireAnyScope
        maxTokenLifetime = native.maxTokenLifetime.map { .seconds($0) }
        clockTolerance = .seconds(native.clockTolerance)
        maxJWKSKeys = Int(native.maxJwksKeys)
        maxJWKSBytes = Int(native.maxJwksBytes)
        jwksTokenFile = native.jwksTokenFile
    }

    var native: StytchM2MGenerated.IssuerConfig {
        StytchM2MGenerated.IssuerConfig(
            issuers: issuers, audiences: audiences, algorithms: algorithms.map(\.native),
            keys: keys.native, profile: profile.native, allowMissingTyp: allowMissingTyp,
            allowMissingKid: allowMissingKid, acceptScopeArray: acceptScopeArray,
            wildcardScopes: wildcardScopes, allowBoundTokens: allowBoundTokens,
            requireTyp: requireTyp, scopeMap: scopeMap, requiredClaims: requiredClaims,
            requireClientSubject: requireClientSubject, clientIds: clientIDs,
            clientIdClaims: clientIDClaims, scopeClaims: scopeClaims,
            organizationClaim: organizationClaim, forbiddenClaims: forbiddenClaims,
            allowMissingSub: allowMissingSub,
            requireAnyScope: requireAnyScope, maxTokenLifetime: maxTokenLifetime?.interval,
            clockTolerance: clockTolerance.interval, maxJwksKeys: UInt32(clamping: maxJWKSKeys),
            maxJwksBytes: UInt32(clamping: maxJWKSBytes), jwksTokenFile: jwksTokenFile)
    }
}

extension KeySource {
    init(_ native: StytchM2MGenerated.KeySource) {
        switch native {
        case .url(let url): self = .url(url)
        case .jwks(let text): self = .jwks(text)
        case .discovery(let issuer): self = .discovery(issuer)
        }
    }

    var native: StytchM2MGenerated.KeySource {
        switch self {
        case .url(let url): .url(url)
        case .jwks(let text): .jwks(text)
        case .discovery(let issuer): .discovery(issuer)
        }
    }
}

extension TokenProfile {
    init(_ native: StytchM2MGenerated.TokenProfile) {
        switch native {
        case .stytch: self = .stytch
        case .auth0: self = .auth0
        case .oAuth: self = .oauth
        }
    }

    var native: StytchM2MGenerated.TokenProfile {
        switch self {
        case .stytch: .stytch
        case .auth0: .auth0
        case .oauth: .oAuth
        }
    }
}

extension Algorithm {
    init(_ native: StytchM2MGenerated.Algorithm) {
        switch native {
        case .rs256: self = .rs256
        case .rs384: self = .rs384
        case .rs512: self = .rs512
        case .ps256: self = .ps256
        case .ps384: self = .ps384
        case .ps512: self = .ps512
        case .es256: self = .es256
        case .es384: self = .es384
        case .edDsa: self = .edDSA
        }
    }

    var native: StytchM2MGenerated.Algorithm {
        switch self {
        case .rs256: .rs256
        case .rs384: .rs384
        case .rs512: .rs512
        case .ps256: .ps256
        case .ps384: .ps384
        case .ps512: .ps512
        case .es256: .es256
        case .es384: .es384
        case .edDSA: .edDsa
        }
    }
}
