package io.github.stytchm2m

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.time.Duration
import java.time.Instant

/** What caches tell of themselves, and key sets that are taken along. */
internal class StateTest {
    @Test
    fun `a client's caches count`() = test {
        Client().use { client ->
            val created = client.m2m.clients.create(listOf("read:users")).m2mClient
            repeat(3) {
                val token = client.m2m.token(created.clientId, created.clientSecret).accessToken
                client.m2m.authenticateToken(token)
            }
            for (stats in listOf(client.stats().tokens, client.stats().keys)) {
                assertEquals(listOf(2L, 1L, 1L), listOf(stats.hits, stats.misses, stats.refreshes))
                assertEquals(listOf(0L, 0L), listOf(stats.failures, stats.staleServed))
            }
            assertEquals(client.stats().keys, client.m2m.verifier.stats())
        }
    }

    @Test
    fun `a refused token is fetched anew`() = test {
        Client().use { client ->
            val created = client.m2m.clients.create(listOf("read:users")).m2mClient
            val refused = client.m2m.token(created.clientId, created.clientSecret).accessToken
            for ((token, requests) in listOf(Secret("another token") to 1, refused to 2)) {
                client.m2m.invalidateToken(token)
                client.m2m.token(created.clientId, created.clientSecret)
                assertEquals(requests, Emulator.tokenRequests(created.clientId))
            }
        }
    }

    @Test
    fun `a source's cache counts`() = test {
        val created = Client().use { it.m2m.clients.create(emptyList()).m2mClient }
        TokenSource(created.clientId, created.clientSecret).use { source ->
            repeat(3) { source.getToken() }
            assertEquals(CacheStats(2, 1, 1, 0, 0, 0), source.stats())
        }
        TokenSource(created.clientId, Secret("wrong-secret")).use { source ->
            failure<M2mException.Authentication> { source.getToken() }
            assertEquals(1, source.stats().failures)
        }
    }

    @Test
    fun `a key set's health is told`() = test {
        TokenVerifier().use { verifier ->
            val cold = verifier.health().single()
            assertEquals("stytch.com/${Emulator.projectId}", cold.issuer)
            assertEquals(KeySetState.MISSING to 0L, cold.state to cold.keys)
            assertNull(cold.fetchedAt)

            verifier.warmUp()
            val warm = verifier.health().single()
            assertEquals(KeySetState.FRESH, warm.state)
            assertTrue(warm.keys > 0)
            assertTrue(Duration.between(warm.fetchedAt, Instant.now()) < Duration.ofMinutes(1))
            assertTrue(warm.age!! < Duration.ofMinutes(1))
            assertNull(warm.lastFailure)
        }
        TokenVerifier(listOf(away())).use { verifier ->
            failure<M2mException.KeysUnavailable> { verifier.warmUp() }
            val health = verifier.health().single()
            assertEquals(1L to "network", health.failures to health.lastFailure)
        }
        // The wait may be over by the time that a busy machine looks: one of these must see it.
        val waits = generateSequence { waitAfterFailure() }.take(20)
        assertTrue(waits.any { it > Duration.ZERO })
    }

    private fun waitAfterFailure(): Duration =
        TokenVerifier(listOf(away())).use { verifier ->
            runBlocking { failure<M2mException.KeysUnavailable> { verifier.warmUp() } }
            verifier.health().single().retryAfter ?: Duration.ZERO
        }

    @Test
    fun `exported keys verify where there is no network`() = test {
        val keySets = TokenVerifier().use { verifier ->
            assertEquals(emptyList<ExportedKeySet>(), verifier.exportJwks())
            verifier.warmUp()
            verifier.exportJwks()
        }
        val token = Client().use { client ->
            val created = client.m2m.clients.create(listOf("read:users")).m2mClient
            client.m2m.token(created.clientId, created.clientSecret).accessToken.reveal()
        }
        TokenVerifier(listOf(away())).use { verifier ->
            keySets.forEach { verifier.seedJwks(it.jwks, it.fetchedAt, it.issuer) }
            assertEquals(listOf("read:users"), verifier.authenticateToken(token).scopes)
            assertEquals(keySets, verifier.exportJwks())
        }
    }

    @Test
    fun `a seed that is no key set is refused`() {
        TokenVerifier().use { verifier ->
            val noKeys = failure<M2mException.InvalidConfig> { verifier.seedJwks("no JSON", Instant.now()) }
            assertEquals("jwks", noKeys.field)
            val unknown = failure<M2mException.InvalidConfig> {
                verifier.seedJwks("""{"keys":[]}""", Instant.now(), "another issuer")
            }
            assertEquals("issuer", unknown.field)
        }
    }

    /** The project of the tests, with keys that cannot be fetched. */
    private fun away() = IssuerConfig.stytch().toBuilder().keys(KeySource.Url("${closedPort()}/jwks")).build()
}
