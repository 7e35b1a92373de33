package com.stytch.m2m.examples

import com.stytch.m2m.Client
import com.stytch.m2m.IssuerConfig
import com.stytch.m2m.KeySource
import com.stytch.m2m.TokenVerifier
import io.ktor.server.cio.CIO
import io.ktor.server.engine.embeddedServer
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.springframework.boot.builder.SpringApplicationBuilder
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext
import org.springframework.context.ApplicationContextInitializer
import org.springframework.context.support.GenericApplicationContext
import java.net.InetAddress
import java.net.ServerSocket
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.net.http.HttpResponse.BodyHandlers

/** Both servers let in whom they should, and say why to the others. */
internal class ServersTest {
    @Test
    fun `Ktor protects its route`() = ktor(TokenVerifier()) { url -> protects(url) }

    @Test
    fun `Spring Security protects its route`() = spring(null) { url -> protects(url) }

    @Test
    fun `Ktor says that it cannot tell`() =
        ktor(withoutKeys()) { url -> cannotTell(url) }

    @Test
    fun `Spring Security says that it cannot tell`() =
        spring(withoutKeys()) { url -> cannotTell(url) }

    private fun protects(url: String) {
        assertEquals(200, get("$url/health", null).statusCode())
        val (clientId, good) = token("read:users")
        val welcome = get("$url/users", "Bearer $good")
        assertEquals(200 to "hello, $clientId", welcome.statusCode() to welcome.body())

        val lacking = get("$url/users", "Bearer ${token("write:users").second}")
        assertEquals(403, lacking.statusCode())
        assertTrue("insufficient_scope" in lacking.challenge())
        for (header in listOf(null, "Bearer ${good.dropLast(5)}AAAAA", "Bearer x")) {
            val refused = get("$url/users", header)
            assertEquals(401, refused.statusCode(), "$header")
            assertTrue(refused.challenge().startsWith("Bearer"))
        }
    }

    private fun cannotTell(url: String) {
        assertEquals(503, get("$url/users", "Bearer ${token("read:users").second}").statusCode())
    }

    private fun token(scope: String): Pair<String, String> = runBlocking {
        Client().use { client ->
            val created = client.m2m.clients.create(listOf(scope)).m2mClient
            created.clientId to client.m2m.token(created.clientId, created.clientSecret).accessToken.reveal()
        }
    }

    /** A verifier whose key server is away. */
    private fun withoutKeys(): TokenVerifier {
        val port = ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { it.localPort }
        return TokenVerifier(listOf(IssuerConfig.stytch().copy(keys = KeySource.Url("http://127.0.0.1:$port/jwks"))))
    }

    private fun ktor(verifier: TokenVerifier, use: suspend (String) -> Unit) = runBlocking {
        val server = embeddedServer(CIO, port = 0, host = "127.0.0.1") { usersService(verifier) }.start()
        try {
            use("http://127.0.0.1:${server.engine.resolvedConnectors().single().port}")
        } finally {
            server.stop(0, 0)
            verifier.close()
        }
    }

    private fun spring(verifier: TokenVerifier?, use: (String) -> Unit) {
        val replaced = ApplicationContextInitializer<GenericApplicationContext> { context ->
            context.beanFactory.registerSingleton("verifierWithoutKeys", verifier!!)
        }
        val application = SpringApplicationBuilder(SpringServer::class.java)
            .properties("server.port=0", "server.address=127.0.0.1", "spring.main.banner-mode=off")
        if (verifier != null) application.initializers(replaced)
        application.run().use { context ->
            use("http://127.0.0.1:${(context as ServletWebServerApplicationContext).webServer!!.port}")
        }
    }

    private fun get(url: String, authorization: String?): HttpResponse<String> {
        val request = HttpRequest.newBuilder(URI(url))
        authorization?.let { request.header("Authorization", it) }
        return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString())
    }

    private fun HttpResponse<String>.challenge(): String = headers().firstValue("WWW-Authenticate").orElse("")
}
