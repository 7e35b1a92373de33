package io.github.stytchm2m

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.CsvSource
import java.time.Duration
import java.time.Instant

/** What is wrong is named, before anything is sent. */
internal class BadInputTest {
    @ParameterizedTest
    @CsvSource(
        "project_id, '', secret, https://api.example.com",
        "project_id, 'not an id', secret, https://api.example.com",
        "secret, project-test-1, '', https://api.example.com",
        "secret, project-test-1, ' spaced ', https://api.example.com",
        "base_url, project-test-1, secret, ''",
        "base_url, project-test-1, secret, http://api.example.com",
        "base_url, project-test-1, secret, ftp://api.example.com",
        "base_url, project-test-1, secret, https://user:pass@api.example.com",
        "base_url, project-test-1, secret, no address",
    )
    fun `a wrong setting is named`(field: String, projectId: String, secret: String, baseUrl: String) {
        val error = failure<M2mException.InvalidConfig> { Client(projectId, Secret(secret), baseUrl).close() }
        assertEquals(field, error.field)
        assertEquals("invalid_config", error.code)
        val setting = field.replace(Regex("_(.)")) { it.groupValues[1].uppercase() }
        assertTrue(setting in error.message!!, error.message)
    }

    @Test
    fun `an id and a secret the wrong way round are refused unseen`() {
        val refused = listOf(
            "project_id" to failure<M2mException.InvalidConfig> { Client("secret-test-canary", Secret("project-test-canary")) },
            "project_id" to failure<M2mException.InvalidConfig> { B2BClient("secret-test-canary") },
            "project_id" to failure<M2mException.InvalidConfig> { TokenVerifier("secret-test-canary") },
            "secret" to failure<M2mException.InvalidConfig> { Client(secret = Secret("project-test-canary")) },
            "client_id" to failure<M2mException.InvalidConfig> { TokenSource("secret-test-canary", Secret("canary")) },
            "client_secret" to failure<M2mException.InvalidConfig> { TokenSource("id", Secret("m2m-client-test-canary")) },
        )
        for ((field, error) in refused) {
            assertEquals(field, error.field)
            assertTrue("the wrong way round" in error.message!!, error.message)
            assertTrue("canary" !in "$error", error.message)
        }
    }

    @Test
    fun `a wrong timeout is named`() {
        for (duration in listOf(Duration.ZERO, Duration.ofSeconds(-1))) {
            val error = failure<M2mException.InvalidConfig> { Client(transport = TransportConfig(totalTimeout = duration)).close() }
            assertEquals("total_timeout", error.field)
        }
    }

    @Test
    fun `settings and times of any size are refused or taken`() {
        val durations = listOf(Long.MAX_VALUE, Long.MIN_VALUE, -1L, 0L).map { Duration.ofSeconds(it) }
        val configs = durations.flatMap {
            listOf(
                TransportConfig(connectTimeout = it),
                TransportConfig(attemptTimeout = it),
                TransportConfig(totalTimeout = it),
                TransportConfig(maxKeyAge = it),
            )
        }
        for (config in configs) {
            try {
                TokenVerifier(transport = config).close()
            } catch (_: M2mException.InvalidConfig) {
                continue
            }
        }
        TokenVerifier().use { verifier ->
            for (time in listOf(Instant.MAX, Instant.MIN, Instant.EPOCH)) {
                runCatching { verifier.seedJwks("""{"keys":[]}""", time) }
                    .onFailure { assertInstanceOf(M2mException::class.java, it) }
                verifier.health()
            }
        }
    }

    @Test
    fun `a wrong argument is named`() = test {
        Client().use { client ->
            val clients = client.m2m.clients
            val calls: List<Pair<String, suspend () -> Unit>> = listOf(
                "client_id" to { clients.get("") },
                "trusted_metadata" to { clients.create(emptyList(), trustedMetadata = "[1]") },
                "limit" to { clients.search(limit = -1) },
                "scopes" to { client.m2m.token("id", Secret("secret"), listOf("two scopes")) },
                "client_secret" to { client.m2m.token("id", Secret("")) },
                "extra" to { client.m2m.token("id", Secret("secret"), extra = mapOf("scope" to "x")) },
                "token_url" to { TokenSource("id", Secret("secret"), "project-test-1", tokenUrl = "https://x.example") },
                "argument" to { clients.get("half a pair: \uD800") },
                "issuers" to { TokenVerifier(emptyList()) },
                "verified_token_cache_size" to { TokenVerifier(verifiedTokenCacheSize = -1) },
                "verified_token_cache_size" to { Client(verifiedTokenCacheSize = Int.MAX_VALUE) },
                "token_cache_capacity" to { Client(tokenCacheCapacity = 0) },
            )
            for ((field, call) in calls) {
                assertEquals(field, failure<M2mException.InvalidConfig> { call() }.field)
            }
        }
    }

    @Test
    fun `an unreachable server is a network error`() = test {
        val patient = TransportConfig(totalTimeout = Duration.ofSeconds(Long.MAX_VALUE))
        Client(baseUrl = closedPort(), transport = patient).use { client ->
            failure<M2mException.Network> { client.m2m.clients.get("some-client") }
            failure<M2mException.Network> { client.m2m.token("some-client", Secret("some-secret")) }
        }
    }

    @Test
    fun `HTML is no answer`() = test {
        answering(502, "<html>Bad gateway: canary</html>") { url ->
            Client(baseUrl = url).use { client ->
                val error = failure<M2mException> { client.m2m.clients.get("some-client") }
                assertTrue(error.code in setOf("service", "unexpected_response"), error.code)
                assertEquals(502, error.statusCode)
                assertTrue("canary" !in error.stackTraceToString())
                val create = failure<M2mException> { client.m2m.clients.create(emptyList()) }
                assertEquals(502, create.statusCode)
            }
        }
        answering(200, "<html>Welcome</html>") { url ->
            Client(baseUrl = url).use { client ->
                failure<M2mException.UnexpectedResponse> { client.m2m.clients.get("some-client") }
                val lost = failure<M2mException.OutcomeUnknown> { client.m2m.clients.create(emptyList()) }
                assertTrue("search" in lost.recovery!!)
            }
        }
    }

    @Test
    fun `a refused project secret is an authentication error`() = test {
        Client(secret = Secret("not-the-secret")).use { client ->
            val error = failure<M2mException.Authentication> { client.m2m.clients.get("some-client") }
            assertEquals(401, error.statusCode)
            assertTrue(!error.requestId.isNullOrEmpty())
            assertTrue(!error.errorType.isNullOrEmpty())
        }
    }
}
