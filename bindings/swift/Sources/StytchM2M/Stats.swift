import Foundation

/// What a cache did since it was made. The numbers only grow.
public struct CacheStats: Hashable, Sendable {
    /// Calls that were answered at once.
    public let hits: UInt64
    /// Calls that had to wait for a request, or failed for want of one.
    public let misses: UInt64
    /// Requests that brought something new, in the background or not.
    public let refreshes: UInt64
    /// Requests that failed.
    public let failures: UInt64
    /// Calls that were answered with what should have been refreshed by then, but could not be.
    public let staleServed: UInt64
    /// Calls that shared a request that was under way.
    public let flightsJoined: UInt64
}

/// What a client's caches did.
public struct ClientStats: Hashable, Sendable {
    /// The access tokens that it fetches.
    public let tokens: CacheStats
    /// The keys that it verifies with.
    public let keys: CacheStats
}

/// Whether an issuer's tokens can be judged, and for how long.
public struct KeySetHealth: Hashable, Sendable {
    /// The first of the issuer's names.
    public let issuer: String
    /// How good its key set is.
    public let state: KeySetState
    /// Keys that can verify.
    public let keys: Int
    /// When the key set was last got from its server; `nil` without one.
    public let fetchedAt: Date?
    /// How long ago that was.
    public let age: Duration?
    /// Fetches that failed since one succeeded.
    public let failures: Int
    /// The code of the last of them, such as `timeout`.
    public let lastFailure: String?
    /// How long no fetch will be tried after it.
    public let retryAfter: Duration?
    /// Verifications of tokens whose `kid` the key set did not have.
    public let unknownKids: UInt64
    /// Those of them that caused no fetch, since there had been one too lately.
    public let cooldownHits: UInt64
}

/// How good a key set is.
public enum KeySetState: String, CaseIterable, Sendable {
    /// Within the lifetime that its server gave it, or configured and not fetched at all.
    case fresh
    /// Beyond it, but still used: its server does not answer.
    case stale
    /// Beyond ``TransportConfig/maxKeyAge``: no token can be judged.
    case expired
    /// Not fetched yet: the first token will wait for it.
    case missing
}

/// A key set to take along: into a snapshot of a function, or over a restart without network.
public struct ExportedKeySet: Hashable, Sendable {
    /// The first of the issuer's names.
    public let issuer: String
    /// The text of the JWK Set, as its server sent it. Public keys only.
    public let jwks: String
    /// When it was got from its server.
    public let fetchedAt: Date
}
