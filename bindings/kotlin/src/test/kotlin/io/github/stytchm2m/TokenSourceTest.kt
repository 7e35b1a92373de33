package io.github.stytchm2m

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance

/** A standing credential: one request, however many ask. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
internal class TokenSourceTest {
    private val client = Client()

    @AfterAll
    fun close() = client.close()

    private suspend fun create() = client.m2m.clients.create(listOf("read:users")).m2mClient

    @Test
    fun `a token is fetched once, and again when it was refused`() = test {
        val created = create()
        TokenSource(created.clientId, created.clientSecret).use { source ->
            val token = source.getToken()
            assertEquals(token.accessToken, source.getToken().accessToken)
            assertEquals("Bearer ${token.accessToken.reveal()}", source.authorizationHeader().reveal())
            assertEquals(1, Emulator.tokenRequests(created.clientId))

            source.invalidate(token.accessToken)
            source.getToken()
            assertEquals(2, Emulator.tokenRequests(created.clientId))
        }
    }

    @Test
    fun `a thousand callers cause one request`() = test {
        val created = create()
        TokenSource(created.clientId, created.clientSecret).use { source ->
            val tokens = coroutineScope {
                List(1000) { async(Dispatchers.Default) { source.getToken().accessToken } }.awaitAll()
            }
            assertEquals(1, tokens.toSet().size)
            assertEquals(1, Emulator.tokenRequests(created.clientId))
        }
    }

    @Test
    fun `a thousand callers of a client cause one request, and verify what they got`() = test {
        val created = create()
        val claims = coroutineScope {
            List(1000) {
                async(Dispatchers.Default) {
                    val token = client.m2m.token(created.clientId, created.clientSecret)
                    client.m2m.authenticateToken(token.accessToken, listOf("read:users"))
                }
            }.awaitAll()
        }
        assertEquals(setOf(created.clientId), claims.map { it.clientId }.toSet())
        assertEquals(1, Emulator.tokenRequests(created.clientId))
    }

    @Test
    fun `another server's token endpoint is used as it is`() = test {
        val created = create()
        val url = "${Emulator.baseUrl}/v1/public/${Emulator.projectId}/oauth2/token"
        TokenSource(created.clientId, created.clientSecret, tokenUrl = url).use { it.getToken() }
        assertEquals(1, Emulator.tokenRequests(created.clientId))
    }
}
