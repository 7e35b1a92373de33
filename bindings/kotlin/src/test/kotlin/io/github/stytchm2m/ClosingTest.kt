package io.github.stytchm2m

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.toList
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.time.Instant

/** What is closed says so. */
internal class ClosingTest {
    private inline fun assertClosed(thing: String, call: () -> Unit) {
        val error = failure<M2mException.InvalidConfig>(call)
        assertEquals(thing, error.field)
        assertTrue("closed" in error.message!!)
    }

    @Test
    fun `a closed client refuses every call`() = test {
        val client = Client()
        val m2m = client.m2m
        client.close()
        client.close()
        assertClosed("client") { m2m.token("id", Secret("secret")) }
        assertClosed("client") { m2m.authenticateToken(Secret("token")) }
        assertClosed("client") { m2m.warmUp() }
        assertClosed("client") { m2m.invalidateToken(Secret("token")) }
        assertClosed("client") { client.stats() }
        assertClosed("client") { m2m.verifier.health() }
        assertClosed("client") { m2m.clients.create(emptyList()) }
        assertClosed("client") { m2m.clients.get("id") }
        assertClosed("client") { m2m.clients.search() }
        assertClosed("client") { m2m.clients.searchAll().toList() }
        assertClosed("client") { m2m.clients.update("id") }
        assertClosed("client") { m2m.clients.delete("id") }
        assertClosed("client") { m2m.clients.secrets.rotateStart("id") }
        assertClosed("client") { m2m.clients.secrets.rotate("id") }
        assertClosed("client") { m2m.clients.secrets.rotateCancel("id") }
        assertClosed("client") { m2m.clients.secrets.recoverRotation("id") }
        assertClosed("client") { m2m.clients.secrets.rotateFinish("id", Secret("secret")) }
        assertClosed("client") { m2m.clients.secrets.rotateWith("id") {} }
    }

    @Test
    fun `a closed source and a closed verifier refuse every call`() = test {
        val source = TokenSource("id", Secret("secret")).also { it.close() }
        assertClosed("token source") { source.getToken() }
        assertClosed("token source") { source.authorizationHeader() }
        assertClosed("token source") { source.invalidate(Secret("token")) }
        assertClosed("token source") { source.stats() }
        val verifier = TokenVerifier().also { it.close() }
        assertClosed("verifier") { verifier.authenticateToken("token") }
        assertClosed("verifier") { verifier.warmUp() }
        assertClosed("verifier") { verifier.seedJwks("{}", Instant.now()) }
        assertClosed("verifier") { verifier.exportJwks() }
        assertClosed("verifier") { verifier.health() }
        assertClosed("verifier") { verifier.stats() }
    }

    @Test
    fun `closing while others verify ends their next call`() = test {
        val issuer = TestIssuer()
        val token = issuer.token(""""scope":"read:users"""")
        repeat(20) {
            val verifier = TokenVerifier(listOf(issuer.config))
            verifier.authenticateToken(token)
            coroutineScope {
                val others = List(4) {
                    async(Dispatchers.Default) {
                        assertClosed("verifier") { while (true) verifier.authenticateToken(token) }
                    }
                }
                verifier.close()
                others.awaitAll()
            }
        }
    }
}
