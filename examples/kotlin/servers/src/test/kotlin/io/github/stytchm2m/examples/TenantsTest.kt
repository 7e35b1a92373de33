package io.github.stytchm2m.examples

import io.github.stytchm2m.IssuerConfig
import io.github.stytchm2m.TokenVerifier
import io.github.stytchm2m.testing.Emulator
import io.ktor.server.cio.CIO
import io.ktor.server.engine.embeddedServer
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse
import java.net.http.HttpResponse.BodyHandlers

/** One customer's token tries every endpoint of the service with every id of the other. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
internal class TenantsTest {
    private val emulator = Emulator.start().apply {
        setTokenSettings("""{"custom_claims_template": "{ \"org_id\": {{ client.trusted_metadata.organization_id }} }"}""")
    }
    private val http = HttpClient.newHttpClient()

    @AfterAll
    fun stop() = emulator.close()

    @Test
    fun `acme reaches no data of globex`() = reachesNothing("acme", "globex", setOf("rockets", "fuel"))

    @Test
    fun `globex reaches no data of acme`() = reachesNothing("globex", "acme", setOf("anvils"))

    private fun reachesNothing(customer: String, other: String, secret: Set<String>) = service { url ->
        val spellings = listOf(
            other,
            other.uppercase(),
            "$other%2F..%2F$customer",
            "..%2F$other",
            "$customer,$other",
            "$customer%00$other",
            "$other%20",
            "%2e%2e/$other",
            customer,
        )
        var tried = 0
        for (token in tokens(customer, other)) {
            for ((method, path) in ENDPOINTS) {
                for (organization in spellings) {
                    for (number in 1..3) {
                        val target = path.replace("{organization}", organization).replace("{number}", "$number")
                        val answer = call(url, token, method, "$target?organization=$other&organization_id=$other", other)
                        tried += 1
                        val allowed = if (organization != customer && "{" in path) setOf(403, 404) else setOf(200, 204, 403, 404)
                        assertTrue(answer.statusCode() in allowed, "$method $target: ${answer.statusCode()}")
                        assertTrue(secret.none { it in answer.body() }, "$method $target: ${answer.body()}")
                    }
                }
            }
        }
        assertTrue(tried >= 800, "only $tried")
        val own = call(url, tokens(other, customer).first(), "GET", "/invoices")
        assertTrue(secret.all { it in own.body() }, own.body())
    }

    @Test
    fun `a customer reaches its own data`() = service { url ->
        val token = tokens("acme", "globex").first()
        val base = "/organizations/acme/invoices"
        for (path in listOf(base, "/invoices")) assertEquals("{1=anvils}", call(url, token, "GET", path).body())
        assertEquals(204, call(url, token, "PUT", "$base/9").statusCode())
        assertEquals("stolen", call(url, token, "GET", "$base/9").body())
        assertEquals(204, call(url, token, "DELETE", "$base/9").statusCode())
        assertEquals(404, call(url, token, "GET", "$base/9").statusCode())
    }

    @Test
    fun `a client without a customer reaches nothing`() = service { url ->
        for (token in tokens(null, "acme")) {
            for ((method, path) in ENDPOINTS) {
                for (organization in listOf("acme", "globex", "null", "%20")) {
                    val target = path.replace("{organization}", organization).replace("{number}", "1")
                    assertEquals(403, call(url, token, method, target).statusCode(), "$method $target")
                }
            }
        }
    }

    /** Every token that this customer's client can get. */
    private fun tokens(customer: String?, other: String): List<String> = runBlocking {
        emulator.clientBuilder().build().use { client ->
            val scopes = listOf("read:invoices", "write:invoices")
            val created = client.m2m.clients.create(scopes, organizationId = customer).m2mClient
            val hopes = listOf(emptyMap<String, String>()) + HOPES.map { mapOf(it to other) }
            hopes.map { client.m2m.token(created.clientId, created.clientSecret, extra = it).accessToken.reveal() }
        }
    }

    private fun call(url: String, token: String, method: String, path: String, other: String? = null): HttpResponse<String> {
        val body = if (method == "PUT") BodyPublishers.ofString("stolen") else BodyPublishers.noBody()
        val request = HttpRequest.newBuilder(URI(url + path)).method(method, body).header("Authorization", "Bearer $token")
        if (other != null) request.header("X-Organization", other).header("X-Organization-Id", other)
        return http.send(request.build(), BodyHandlers.ofString())
    }

    private fun service(use: (String) -> Unit) = runBlocking {
        val issuer = IssuerConfig.stytch(emulator.projectId, emulator.baseUrl)
        TokenVerifier(listOf(issuer)).use { verifier ->
            val server = embeddedServer(CIO, port = 0, host = "127.0.0.1") { tenantsService(verifier) }.start()
            try {
                use("http://127.0.0.1:${server.engine.resolvedConnectors().single().port}")
            } finally {
                server.stop(0, 0)
            }
        }
    }

    private companion object {
        val ENDPOINTS = listOf(
            "GET" to "/organizations/{organization}/invoices",
            "GET" to "/organizations/{organization}/invoices/{number}",
            "PUT" to "/organizations/{organization}/invoices/{number}",
            "DELETE" to "/organizations/{organization}/invoices/{number}",
            "GET" to "/invoices",
        )

        /** What the caller may add to a token request, hoping that it lands in the token. */
        val HOPES = listOf(
            "organization_id",
            "org_id",
            "organization",
            "client.trusted_metadata.organization_id",
            "trusted_metadata",
        )
    }
}
