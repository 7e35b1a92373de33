package io.github.stytchm2m

import com.google.gson.JsonParser
import com.sun.net.httpserver.HttpServer
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.fail
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers
import java.time.Duration
import kotlin.time.Duration.Companion.seconds

/** The emulator that `cargo xtask test kotlin` started. */
internal object Emulator {
    val projectId: String get() = setting("STYTCH_PROJECT_ID")
    val baseUrl: String get() = setting("STYTCH_BASE_URL")

    /** How many tokens it was asked for in the name of [clientId]. */
    fun tokenRequests(clientId: String): Int {
        val uri = URI("$baseUrl/_emulator/counts?client_id=$clientId")
        val body = HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
            .body()
        return Regex(""""token":\s*(\d+)""").find(body)?.groupValues?.get(1)?.toInt() ?: fail(body)
    }

    /** What the organization-scoped API asks for, without its scheme. */
    fun organizationAuthorization(): String {
        val body = HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(URI("$baseUrl/_emulator/credentials")).build(), BodyHandlers.ofString())
            .body()
        val organization = JsonParser.parseString(body).asJsonObject["organization"].asJsonObject
        return organization["authorization"].asString
    }

    private fun setting(name: String): String =
        System.getenv(name) ?: fail("$name is not set: run these tests by `cargo xtask test kotlin`")
}

/** Runs a test that ends, come what may. */
internal fun test(body: suspend () -> Unit): Unit = runBlocking { withTimeout(60.seconds) { body() } }

/** As the function of the same name, for a token that is text. */
internal suspend fun TokenVerifier.authenticateToken(
    accessToken: String,
    requiredScopes: List<String> = emptyList(),
    maxTokenAge: Duration? = null,
    clockTolerance: Duration = Duration.ZERO,
    organization: RequiredOrganization? = null,
    authorize: Authorize? = null,
): TokenClaims = authenticateToken(Secret(accessToken), requiredScopes, maxTokenAge, clockTolerance, organization, authorize)

/** The failure of [call], which must be an [E]. */
internal inline fun <reified E : Throwable> failure(call: () -> Unit): E {
    try {
        call()
    } catch (error: Throwable) {
        return error as? E ?: throw error
    }
    fail("expected ${E::class.simpleName}, but nothing was thrown")
}

/** Runs [use] with the address of a server that answers everything with [status] and [html]. */
internal inline fun answering(status: Int, html: String, use: (String) -> Unit) {
    val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)
    server.createContext("/") { exchange ->
        exchange.responseHeaders.add("Content-Type", "text/html")
        exchange.sendResponseHeaders(status, html.toByteArray().size.toLong())
        exchange.responseBody.use { it.write(html.toByteArray()) }
    }
    server.start()
    try {
        use("http://127.0.0.1:${server.address.port}")
    } finally {
        server.stop(0)
    }
}

/** The address of a port that nobody listens on. */
internal fun closedPort(): String =
    ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { "http://127.0.0.1:${it.localPort}" }
