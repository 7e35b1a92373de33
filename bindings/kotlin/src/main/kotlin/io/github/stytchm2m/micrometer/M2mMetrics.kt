package io.github.stytchm2m.micrometer

import io.github.stytchm2m.CacheStats
import io.github.stytchm2m.Client
import io.github.stytchm2m.M2mException
import io.github.stytchm2m.TokenSource
import io.github.stytchm2m.TokenVerifier
import io.micrometer.core.instrument.FunctionCounter
import io.micrometer.core.instrument.MeterRegistry
import io.micrometer.core.instrument.Tag
import io.micrometer.core.instrument.binder.MeterBinder

/**
 * The counters of `stats()` as Micrometer's counters: `stytch.m2m.cache.hits`, `misses`, `refreshes`, `failures`,
 * `stale.served` and `flights.joined`, each with the tag `cache`, which is `tokens` or `keys`. Micrometer is an optional
 * dependency of this module: bring your own.
 *
 * ```
 * M2mMetrics(client).bindTo(registry)
 * ```
 *
 * Two clients, sources or verifiers of one registry need tags that tell them apart. The registry does not keep them
 * alive; the counters of a closed one keep their last values.
 */
public class M2mMetrics private constructor(
    private val tags: Iterable<Tag>,
    private val caches: List<Cache<*>>,
) : MeterBinder {
    /** Of a [client]: both caches. */
    @JvmOverloads
    public constructor(client: Client, tags: Iterable<Tag> = emptyList()) :
        this(tags, listOf(Cache("tokens", client) { it.stats().tokens }, Cache("keys", client) { it.stats().keys }))

    /** Of a [source]: the cache `tokens`. */
    @JvmOverloads
    public constructor(source: TokenSource, tags: Iterable<Tag> = emptyList()) :
        this(tags, listOf(Cache("tokens", source) { it.stats() }))

    /** Of a [verifier]: the cache `keys`. */
    @JvmOverloads
    public constructor(verifier: TokenVerifier, tags: Iterable<Tag> = emptyList()) :
        this(tags, listOf(Cache("keys", verifier) { it.stats() }))

    /** Registers the counters with [registry]. */
    override fun bindTo(registry: MeterRegistry): Unit = caches.forEach { it.bindTo(registry, tags) }
}

private class Cache<T : Any>(val name: String, val owner: T, val stats: (T) -> CacheStats) {
    fun bindTo(registry: MeterRegistry, tags: Iterable<Tag>) {
        counter(registry, tags, "hits", "Calls answered from the cache") { it.hits }
        counter(registry, tags, "misses", "Calls that waited for a request, or failed") { it.misses }
        counter(registry, tags, "refreshes", "Requests that succeeded") { it.refreshes }
        counter(registry, tags, "failures", "Requests that failed") { it.failures }
        counter(registry, tags, "stale.served", "Calls answered with a stale value") { it.staleServed }
        counter(registry, tags, "flights.joined", "Calls that joined a request under way") { it.flightsJoined }
    }

    private fun counter(
        registry: MeterRegistry,
        tags: Iterable<Tag>,
        counter: String,
        description: String,
        count: (CacheStats) -> Long,
    ) {
        val stats = stats
        var last = 0.0
        val read = { owner: T ->
            try {
                last = count(stats(owner)).toDouble()
            } catch (_: M2mException) {
                // It is closed.
            }
            last
        }
        FunctionCounter.builder("stytch.m2m.cache.$counter", owner, read)
            .tags(tags)
            .tag("cache", name)
            .description(description)
            .register(registry)
    }
}
