package io.github.stytchm2m.examples

import io.github.stytchm2m.Client
import io.github.stytchm2m.IssuerConfig
import io.github.stytchm2m.KeySource
import io.github.stytchm2m.TokenSource
import io.github.stytchm2m.TokenVerifier
import io.github.stytchm2m.ktor.TokenPlugin
import io.github.stytchm2m.okhttp.TokenInterceptor
import io.ktor.client.HttpClient
import io.ktor.client.request.get
import io.ktor.client.statement.bodyAsText
import io.ktor.server.cio.CIO
import io.ktor.server.engine.embeddedServer
import kotlinx.coroutines.runBlocking
import okhttp3.OkHttpClient
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

    @Test
    fun `the newest Ktor and OkHttp send the token`() = ktor(TokenVerifier()) { url ->
        val created = Client().use { it.m2m.clients.create(listOf("read:users")).m2mClient }
        val welcome = "hello, ${created.clientId}"
        TokenSource(created.clientId, created.clientSecret).use { tokens ->
            val ktor = HttpClient(io.ktor.client.engine.cio.CIO) {
                install(TokenPlugin) {
                    source = tokens
                    origins = listOf(url)
                }
            }
            assertEquals(welcome, ktor.use { it.get("$url/users").bodyAsText() })
            val okHttp = OkHttpClient.Builder().addInterceptor(TokenInterceptor(tokens, listOf(url))).build()
            val call = okHttp.newCall(okhttp3.Request.Builder().url("$url/users").build())
            assertEquals(welcome, call.execute().use { it.body.string() })
        }
    }

    private fun protects(url: String) {
        assertEquals(200, get("$url/health").statusCode())
        for (scope in listOf("read:users", "read:*")) {
            val (clientId, good) = token(scope)
            val welcome = get("$url/users", "Bearer $good")
            assertEquals(200 to "hello, $clientId", welcome.statusCode() to welcome.body())
        }
        val (good, lacking) = token("read:users").second to token("write:users").second
        assertRefused(
            Refused(403, "insufficient_scope", """Bearer error="insufficient_scope", scope="read:users""""),
            get("$url/users", "Bearer $lacking"),
        )
        val invalid = Refused(401, "invalid_token", """Bearer error="invalid_token"""")
        for (headers in listOf(
            listOf("Bearer ${good.dropLast(5)}AAAAA"),
            listOf("Bearer x"),
            listOf("Bearer"),
            listOf("Bearer $good", "Bearer $good"),
            listOf("Bearer $good", "Basic x"),
        )) {
            assertRefused(invalid, get("$url/users", *headers.toTypedArray()))
        }
        val missing = Refused(401, "invalid_token", "Bearer")
        assertRefused(missing, get("$url/users"))
        assertRefused(missing, get("$url/users", "Basic x"))
    }

    private fun cannotTell(url: String) {
        val refused = get("$url/users", "Bearer ${token("read:users").second}")
        assertRefused(Refused(503, "keys_unavailable", null), refused)
        refused.header("Retry-After")?.let { assertTrue(it.toInt() > 0) }
    }

    /** What both servers must answer: a code, and nothing more. */
    private class Refused(val status: Int, val code: String, val challenge: String?)

    private fun assertRefused(wanted: Refused, got: HttpResponse<String>) {
        assertEquals(wanted.status to """{"error":"${wanted.code}"}""", got.statusCode() to got.body())
        assertEquals(wanted.challenge, got.header("WWW-Authenticate"))
        assertEquals("no-store", got.header("Cache-Control"))
        assertEquals("application/json", got.header("Content-Type"))
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
        return TokenVerifier(listOf(IssuerConfig.stytch().toBuilder().keys(KeySource.Url("http://127.0.0.1:$port/jwks")).build()))
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

    private fun get(url: String, vararg authorization: String): HttpResponse<String> {
        val request = HttpRequest.newBuilder(URI(url))
        authorization.forEach { request.header("Authorization", it) }
        return java.net.http.HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString())
    }

    private fun HttpResponse<String>.header(name: String): String? = headers().allValues(name).singleOrNull()
}
