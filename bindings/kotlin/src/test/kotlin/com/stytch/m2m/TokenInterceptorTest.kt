package com.stytch.m2m

import com.stytch.m2m.okhttp.TokenInterceptor
import com.sun.net.httpserver.HttpServer
import okhttp3.OkHttpClient
import okhttp3.Request
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Test
import java.io.IOException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.concurrent.CopyOnWriteArrayList

/** OkHttp's requests carry the token. */
internal class TokenInterceptorTest {
    private val seen = CopyOnWriteArrayList<String?>()
    private val answers = ArrayDeque<Int>()
    private val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0).apply {
        createContext("/") { exchange ->
            seen += exchange.requestHeaders.getFirst("Authorization")
            exchange.sendResponseHeaders(answers.removeFirstOrNull() ?: 204, -1)
            exchange.close()
        }
        start()
    }
    private val url = "http://127.0.0.1:${server.address.port}/"

    @AfterEach
    fun stop() = server.stop(0)

    private fun TokenSource.get(header: String? = null): Int {
        val request = Request.Builder().url(url).apply { header?.let { header("Authorization", it) } }.build()
        val http = OkHttpClient.Builder().addInterceptor(TokenInterceptor(this)).build()
        return http.newCall(request).execute().use { it.code }
    }

    private suspend fun source(): TokenSource =
        Client().use { client ->
            val created = client.m2m.clients.create(listOf("read:users")).m2mClient
            TokenSource(created.clientId, created.clientSecret)
        }

    @Test
    fun `a request gets the token, unless it has one`() = test {
        source().use { source ->
            assertEquals(204, source.get())
            assertEquals(204, source.get("Basic mine"))
            assertEquals(listOf(source.authorizationHeader().reveal(), "Basic mine"), seen.toList())
        }
    }

    @Test
    fun `a refused token is fetched anew, once`() = test {
        val created = Client().use { it.m2m.clients.create(listOf("read:users")).m2mClient }
        TokenSource(created.clientId, created.clientSecret).use { source ->
            answers += 401
            assertEquals(204, source.get())
            assertEquals(2, Emulator.tokenRequests(created.clientId))
            answers += listOf(401, 401)
            assertEquals(401, source.get())
            assertEquals(4, seen.size)
        }
    }

    @Test
    fun `without a token nothing is sent`() {
        TokenSource("no-such-client", Secret("some-secret")).use { source ->
            val error = failure<IOException> { source.get() }
            assertInstanceOf(M2mException.Authentication::class.java, error.cause)
            assertEquals(0, seen.size)
        }
    }
}
