package io.github.stytchm2m

import java.time.Duration
import java.time.Instant
import kotlin.reflect.KProperty0

/**
 * What a cache did since it was made. The numbers only grow.
 *
 * @property hits Calls that were answered at once.
 * @property misses Calls that had to wait for a request, or failed for want of one.
 * @property refreshes Requests that brought something new, in the background or not.
 * @property failures Requests that failed.
 * @property staleServed Calls that were answered with what should have been refreshed by then, but
 *   could not be.
 * @property flightsJoined Calls that shared a request that was under way.
 */
public class CacheStats internal constructor(
    public val hits: Long,
    public val misses: Long,
    public val refreshes: Long,
    public val failures: Long,
    public val staleServed: Long,
    public val flightsJoined: Long,
) : M2mRecord() {
    internal override fun fields(): List<KProperty0<*>> =
        listOf(
            ::hits,
            ::misses,
            ::refreshes,
            ::failures,
            ::staleServed,
            ::flightsJoined,
        )
}

/**
 * What a [Client]'s caches did.
 *
 * @property tokens The access tokens that it fetches.
 * @property keys The keys that it verifies with.
 */
public class ClientStats internal constructor(
    public val tokens: CacheStats,
    public val keys: CacheStats,
) : M2mRecord() {
    internal override fun fields(): List<KProperty0<*>> = listOf(::tokens, ::keys)
}

/**
 * Whether an issuer's tokens can be judged, and for how long.
 *
 * @property issuer The first of the issuer's names.
 * @property state How good its key set is.
 * @property keys Keys that can verify.
 * @property fetchedAt When the key set was last got from its server; `null` without one.
 * @property age How long ago that was.
 * @property failures Fetches that failed since one succeeded.
 * @property lastFailure The code of the last of them, such as `timeout`.
 * @property retryAfter How long no fetch will be tried after it.
 * @property unknownKids Verifications of tokens whose `kid` the key set did not have.
 * @property cooldownHits Those of them that caused no fetch, since there had been one too lately.
 */
public class KeySetHealth internal constructor(
    public val issuer: String,
    public val state: KeySetState,
    public val keys: Long,
    public val fetchedAt: Instant?,
    public val age: Duration?,
    public val failures: Long,
    public val lastFailure: String?,
    public val retryAfter: Duration?,
    public val unknownKids: Long,
    public val cooldownHits: Long,
) : M2mRecord() {
    internal override fun fields(): List<KProperty0<*>> =
        listOf(
            ::issuer,
            ::state,
            ::keys,
            ::fetchedAt,
            ::age,
            ::failures,
            ::lastFailure,
            ::retryAfter,
            ::unknownKids,
            ::cooldownHits,
        )
}

/** How good a key set is. */
public enum class KeySetState {
    /** Within the lifetime that its server gave it, or configured and not fetched at all. */
    FRESH,

    /** Beyond it, but still used: its server does not answer. */
    STALE,

    /** Beyond `maxKeyAge`: no token can be judged. */
    EXPIRED,

    /** Not fetched yet: the first token will wait for it. */
    MISSING,
    ;

    /** The stable name, the same in every language: `fresh`, `stale`, ... */
    public val code: String = name.lowercase()
}

/**
 * A key set to take along: into a snapshot of a function, or over a restart without network.
 *
 * @property issuer The first of the issuer's names.
 * @property jwks The text of the JWK Set, as its server sent it. Public keys only.
 * @property fetchedAt When it was got from its server.
 */
public class ExportedKeySet internal constructor(
    public val issuer: String,
    public val jwks: String,
    public val fetchedAt: Instant,
) : M2mRecord() {
    internal override fun fields(): List<KProperty0<*>> = listOf(::issuer, ::jwks, ::fetchedAt)
}
