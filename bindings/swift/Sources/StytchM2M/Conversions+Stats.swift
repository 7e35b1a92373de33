internal import StytchM2MGenerated

extension CacheStats {
    init(_ native: StytchM2MGenerated.CacheStats) {
        hits = native.hits
        misses = native.misses
        refreshes = native.refreshes
        failures = native.failures
        staleServed = native.staleServed
        flightsJoined = native.flightsJoined
    }
}

extension ClientStats {
    init(_ native: StytchM2MGenerated.ClientStats) {
        tokens = CacheStats(native.tokens)
        keys = CacheStats(native.keys)
    }
}

extension KeySetHealth {
    init(_ native: StytchM2MGenerated.KeySetHealth) {
        issuer = native.issuer
        state = KeySetState(native.state)
        keys = Int(clamping: native.keys)
        skippedKeys = native.skippedKeys
        fetchedAt = native.fetchedAt
        age = native.age.map { .seconds($0) }
        failures = Int(native.failures)
        lastFailure = native.lastFailure
        lastFailureMessage = native.lastFailureMessage
        retryAfter = native.retryAfter.map { .seconds($0) }
        unknownKids = native.unknownKids
        cooldownHits = native.cooldownHits
    }
}

extension KeySetState {
    init(_ native: StytchM2MGenerated.KeySetState) {
        switch native {
        case .fresh: self = .fresh
        case .stale: self = .stale
        case .expired: self = .expired
        case .missing: self = .missing
        }
    }
}

extension ExportedKeySet {
    init(_ native: StytchM2MGenerated.ExportedKeySet) {
        issuer = native.issuer
        jwks = native.jwks
        fetchedAt = native.fetchedAt
    }
}
