package io.github.stytchm2m

import io.github.stytchm2m.ktor.TokenPlugin
import io.ktor.client.HttpClient
import io.ktor.client.request.get
import io.ktor.client.request.header
import io.ktor.client.request.post
import io.ktor.client.request.setBody
import io.ktor.client.statement.HttpResponse
import io.ktor.utils.io.ByteReadChannel
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

/** Ktor's requests carry the token. */
internal class TokenPluginTest {
    private val server = RecordingServer()
    private val other = RecordingServer()
    private val issuer = RecordingServer()
    private val source = TokenSource("some-client", Secret("some-secret"), tokenUrl = issuer.url)

    @AfterEach
    fun stop() = listOf(server, other, issuer, source).forEach { it.close() }

    private suspend fun request(vararg origins: String, call: suspend HttpClient.() -> HttpResponse): Int {
        val plugged = HttpClient {
            install(TokenPlugin) {
                source = this@TokenPluginTest.source
                this.origins = origins.toList().ifEmpty { listOf(server.origin) }
            }
        }
        return plugged.use { it.call().status.value }
    }

    @Test
    fun `a request gets the token, unless it has one`() = test {
        issuer.tokens("one")
        assertEquals(204, request { get(server.url) })
        assertEquals(204, request { get(server.url) { header("Authorization", "Basic mine") } })
        assertEquals(listOf("Bearer one", "Basic mine"), server.seen.toList())
    }

    @Test
    fun `origins must be named`() {
        for (wrong in listOf(emptyList(), listOf("http://api.example.com"), listOf("https://api.example.com/v1"))) {
            val error = failure<M2mException.InvalidConfig> {
                HttpClient {
                    install(TokenPlugin) {
                        source = this@TokenPluginTest.source
                        origins = wrong
                    }
                }.close()
            }
            assertEquals("origins", error.field)
        }
        failure<IllegalArgumentException> { HttpClient { install(TokenPlugin) }.close() }
    }

    @Test
    fun `a server that is not named gets no token`() = test {
        issuer.tokens("one")
        other.refuse()
        assertEquals(401, request { get(other.url) })
        assertEquals(204, request { get(other.url) { header("Authorization", "Basic mine") } })
        assertEquals(listOf(null, "Basic mine"), other.seen.toList())
        assertEquals(0, issuer.seen.size)
    }

    @Test
    fun `a redirect to another origin goes on without the token, even if that is named`() = test {
        issuer.tokens("one")
        for (origins in listOf(arrayOf(server.origin), arrayOf(server.origin, other.origin))) {
            listOf("/elsewhere", other.url).forEach(server::redirect)
            other.redirect("${server.url}back")
            assertEquals(204, request(*origins) { get(server.url) })
        }
        assertEquals(listOf("Bearer one", "Bearer one", null, "Bearer one", "Bearer one", null), server.seen.toList())
        assertEquals(listOf(null, null), other.seen.toList())
    }

    @Test
    fun `a refused token is fetched anew, once`() = test {
        issuer.tokens("one", "two")
        server.refuse()
        assertEquals(204, request { post(server.url) { setBody("order") } })
        assertEquals(listOf("Bearer one", "Bearer two"), server.seen.toList())
        assertEquals(listOf("order", "order"), server.bodies.toList())
    }

    @Test
    fun `a server that refuses again has the last word`() = test {
        issuer.tokens("one", "two")
        server.refuse(times = 2)
        assertEquals(401, request { get(server.url) })
        assertEquals(listOf("Bearer one", "Bearer two"), server.seen.toList())
    }

    @Test
    fun `a 401 that does not say that the token is invalid is not repeated`() = test {
        issuer.tokens("one")
        for (challenge in listOf(null, "Bearer", """Basic realm="x", error="invalid_token"""")) {
            server.refuse(challenge = challenge)
            assertEquals(401, request { get(server.url) })
        }
        assertEquals(3, server.seen.size)
    }

    @Test
    fun `a refused request is not sent again with the same token`() = test {
        issuer.tokens("one", "one")
        server.refuse(times = 2)
        assertEquals(401, request { get(server.url) })
        assertEquals(1, server.seen.size)
    }

    @Test
    fun `a stream is sent once`() = test {
        issuer.tokens("one", "two")
        server.refuse()
        assertEquals(401, request { post(server.url) { setBody(ByteReadChannel("order")) } })
        assertEquals(1, server.seen.size)
    }

    @Test
    fun `without a token nothing is sent`() = test {
        issuer.answer { 400 to """{"error":"invalid_client"}""" }
        failure<M2mException> { request { get(server.url) } }
        assertEquals(0, server.seen.size)
    }
}
