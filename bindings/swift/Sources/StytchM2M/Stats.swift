import Foundation

/// What a cache did since it was made. The numbers only grow.
public struct CacheStats: Hashable, Sendable {
    /// Calls answered from the cache.
    public let hits: UInt64
    /// Calls that waited for a request, or failed because no request was allowed.
    public let misses: UInt64
    /// Requests that succeeded, in the background or not.
    public let refreshes: UInt64
    /// Requests that failed.
    public let failures: UInt64
    /// Calls answered with a stale value because a refresh had failed.
    public let staleServed: UInt64
    /// Calls that joined a request already under way.
    public let flightsJoined: UInt64
}

/// What a client's caches did.
public struct ClientStats: Hashable, Sendable {
    /// The cache of access tokens.
    public let tokens: CacheStats
    /// The cache of verification keys.
    public let keys: CacheStats
}

/// The state of an issuer's key set.
public struct KeySetHealth: Hashable, Sendable {
    /// The first of the issuer's names.
    public let issuer: String
    /// The state of the key set.
    public let state: KeySetState
    /// Number of keys that can verify tokens.
    public let keys: Int
    /// The other keys of the key set, each with the reason why it verifies nothing.
    public let skippedKeys: [String]
    /// When the key set was last got from its server; `nil` without one.
    public let fetchedAt: Date?
    /// Time since then.
    public let age: Duration?
    /// Consecutive failed fetches.
    public let failures: Int
    /// The code of the last of them, such as `timeout`.
    public let lastFailure: String?
    /// The message of that error, such as the limit that a key set exceeds.
    public let lastFailureMessage: String?
    /// Time until the next fetch is allowed after a failure.
    public let retryAfter: Duration?
    /// Verifications of tokens whose `kid` was not in the key set.
    public let unknownKids: UInt64
    /// How many of these did not trigger a fetch because of the cooldown.
    public let cooldownHits: UInt64
}

/// The state of a key set.
public enum KeySetState: String, CaseIterable, Sendable {
    /// Within the lifetime that its server gave it, or configured and never fetched.
    case fresh
    /// Older than its lifetime but still used, since it could not be refreshed.
    case stale
    /// Beyond ``TransportConfig/maxKeyAge``: no token can be judged.
    case expired
    /// Not fetched yet: the first verification waits for it.
    case missing
}

/// A key set to pass to another process, such as a function's snapshot or a restart without
/// network.
public struct ExportedKeySet: Hashable, Sendable {
    /// The first of the issuer's names.
    public let issuer: String
    /// The text of the JWK Set, as its server sent it. It contains only public keys.
    public let jwks: String
    /// When it was fetched.
    public let fetchedAt: Date
}
