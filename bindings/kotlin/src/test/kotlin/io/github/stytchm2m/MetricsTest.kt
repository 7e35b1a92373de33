package io.github.stytchm2m

import io.github.stytchm2m.micrometer.M2mMetrics
import io.micrometer.core.instrument.Tag
import io.micrometer.core.instrument.simple.SimpleMeterRegistry
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

/** What `stats()` counts, as Micrometer's meters. */
internal class MetricsTest {
    private val registry = SimpleMeterRegistry()

    @Test
    fun `a client's counters are micrometer's`() = test {
        Client().use { client ->
            M2mMetrics(client, listOf(Tag.of("client", "billing"))).bindTo(registry)
            val created = client.m2m.clients.create(listOf("read:users")).m2mClient
            val token = client.m2m.token(created.clientId, created.clientSecret)
            client.m2m.token(created.clientId, created.clientSecret)
            client.m2m.authenticateToken(token.accessToken)

            assertEquals(1.0, counted("hits", "tokens", "client", "billing"))
            assertEquals(1.0, counted("misses", "tokens"))
            assertEquals(1.0, counted("refreshes", "tokens"))
            assertEquals(1.0, counted("refreshes", "keys"))
            for (counter in listOf("failures", "stale.served", "flights.joined")) {
                assertEquals(0.0, counted(counter, "tokens"))
                assertEquals(0.0, counted(counter, "keys"))
            }
            val stats = client.stats()
            client.close()
            assertEquals(stats.tokens.misses.toDouble(), counted("misses", "tokens"))
        }
    }

    @Test
    fun `a source counts tokens, and a verifier keys`() = test {
        TokenSource("id", Secret("secret"), tokenUrl = "${closedPort()}/token").use { source ->
            M2mMetrics(source).bindTo(registry)
            failure<M2mException.Network> { source.getToken() }
            assertEquals(1.0, counted("failures", "tokens"))
        }
        TokenVerifier().use { verifier ->
            M2mMetrics(verifier).bindTo(registry)
            verifier.warmUp()
            assertEquals(1.0, counted("refreshes", "keys"))
        }
    }

    private fun counted(counter: String, cache: String, vararg tags: String): Double =
        registry.get("stytch.m2m.cache.$counter").tag("cache", cache).tags(*tags).functionCounter().count()
}
