package com.stytch.m2m

import com.stytch.m2m.ktor.TokenPlugin
import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import io.ktor.client.HttpClient
import io.ktor.client.request.get
import io.ktor.client.request.header
import io.ktor.client.request.post
import io.ktor.client.request.setBody
import io.ktor.client.statement.HttpResponse
import io.ktor.utils.io.ByteReadChannel
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.concurrent.CopyOnWriteArrayList

/** Ktor's requests carry the token. */
internal class TokenPluginTest {
    /** A server that says what it is told to, in turn, and then 204. */
    private class Server : AutoCloseable {
        val seen = CopyOnWriteArrayList<String?>()
        val answers = ArrayDeque<(HttpExchange) -> Int>()
        private val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0).apply {
            createContext("/") { exchange ->
                exchange.requestBody.readAllBytes()
                seen += exchange.requestHeaders.getFirst("Authorization")
                exchange.sendResponseHeaders(answers.removeFirstOrNull()?.invoke(exchange) ?: 204, -1)
                exchange.close()
            }
            start()
        }
        val url = "http://127.0.0.1:${server.address.port}/"

        override fun close() = server.stop(0)
    }

    private val server = Server()

    @AfterEach
    fun stop() = server.close()

    private suspend fun request(source: TokenSource, call: suspend HttpClient.() -> HttpResponse): Int =
        HttpClient { install(TokenPlugin) { this.source = source } }.use { it.call().status.value }

    private suspend fun <T> withSource(use: suspend (TokenSource, String) -> T): T {
        val created = Client().use { it.m2m.clients.create(listOf("read:users")).m2mClient }
        return TokenSource(created.clientId, created.clientSecret).use { use(it, created.clientId) }
    }

    @Test
    fun `a request gets the token, unless it has one`() = test {
        withSource { source, _ ->
            assertEquals(204, request(source) { get(server.url) })
            assertEquals(204, request(source) { get(server.url) { header("Authorization", "Basic mine") } })
            assertEquals(listOf(source.authorizationHeader().reveal(), "Basic mine"), server.seen.toList())
        }
    }

    @Test
    fun `a refused token is fetched anew, once`() = test {
        withSource { source, clientId ->
            server.answers += { _: HttpExchange -> 401 }
            assertEquals(204, request(source) { post(server.url) { setBody("order") } })
            assertEquals(2, Emulator.tokenRequests(clientId))
            repeat(2) { server.answers += { _: HttpExchange -> 401 } }
            assertEquals(401, request(source) { get(server.url) })
            assertEquals(4, server.seen.size)
        }
    }

    @Test
    fun `a stream is sent once`() = test {
        withSource { source, _ ->
            server.answers += { _: HttpExchange -> 401 }
            assertEquals(401, request(source) { post(server.url) { setBody(ByteReadChannel("order")) } })
            assertEquals(1, server.seen.size)
        }
    }

    @Test
    fun `the token stays with the host that was asked`() = test {
        Server().use { other ->
            withSource { source, _ ->
                val moved = { to: String ->
                    { exchange: HttpExchange ->
                        exchange.responseHeaders.add("Location", to)
                        307
                    }
                }
                server.answers += listOf(moved("/elsewhere"), moved(other.url))
                assertEquals(204, request(source) { get(server.url) })
                assertEquals(List(2) { source.authorizationHeader().reveal() }, server.seen.toList())
                assertNull(other.seen.single())
            }
        }
    }

    @Test
    fun `without a token nothing is sent`() = test {
        TokenSource("no-such-client", Secret("some-secret")).use { source ->
            failure<M2mException.Authentication> { request(source) { get(server.url) } }
            assertEquals(0, server.seen.size)
        }
        failure<IllegalArgumentException> { HttpClient { install(TokenPlugin) }.close() }
    }
}
