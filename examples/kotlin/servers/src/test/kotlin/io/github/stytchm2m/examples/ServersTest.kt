package io.github.stytchm2m.examples

import io.github.stytchm2m.Client
import io.github.stytchm2m.IssuerConfig
import io.github.stytchm2m.KeySource
import io.github.stytchm2m.RequiredOrganization
import io.github.stytchm2m.TokenClaims
import io.github.stytchm2m.TokenSource
import io.github.stytchm2m.TokenVerifier
import io.github.stytchm2m.ktor.TokenPlugin
import io.github.stytchm2m.okhttp.TokenInterceptor
import io.github.stytchm2m.options.AuthenticateOptions
import io.ktor.client.HttpClient
import io.ktor.client.request.get
import io.ktor.client.statement.bodyAsText
import io.ktor.server.application.Application
import io.ktor.server.application.install
import io.ktor.server.cio.CIO
import io.ktor.server.engine.embeddedServer
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.route
import io.ktor.server.routing.routing
import jakarta.servlet.http.HttpServlet
import jakarta.servlet.http.HttpServletRequest
import jakarta.servlet.http.HttpServletResponse
import kotlinx.coroutines.runBlocking
import okhttp3.OkHttpClient
import org.apache.catalina.startup.Tomcat
import org.apache.tomcat.util.descriptor.web.FilterDef
import org.apache.tomcat.util.descriptor.web.FilterMap
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
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse
import java.net.http.HttpResponse.BodyHandlers
import java.nio.file.Files
import java.time.Duration
import java.util.function.BiConsumer

/** Both servers let in whom they should, and say why to the others. */
internal class ServersTest {
    @Test
    fun `Ktor protects its route`() = ktor(TokenVerifier()) { url -> protects(url) }

    @Test
    fun `Spring Security protects its route`() = spring { url -> protects(url) }

    @Test
    fun `a servlet filter protects its route`() = servlets { url ->
        protects(url)
        asksTheRule(url)
        separatesCustomers(url)
        assertRefused(TOO_OLD, get("$url/never", "Bearer ${token("read:users").second}"))
    }

    @Test
    fun `Ktor - a rule of one's own replaces the comparison of scopes`() = ktor(TokenVerifier()) { url -> asksTheRule(url) }

    @Test
    fun `Spring Security - a rule of one's own replaces the comparison of scopes`() = spring { url -> asksTheRule(url) }

    @Test
    fun `Ktor separates customers`() = ktor(TokenVerifier()) { url -> separatesCustomers(url) }

    @Test
    fun `Spring Security separates customers`() = spring { url -> separatesCustomers(url) }

    @Test
    fun `Ktor - a limit of age reaches the verifier`() = ktor(TokenVerifier()) { url ->
        assertRefused(TOO_OLD, get("$url/never", "Bearer ${token("read:users").second}"))
    }

    @Test
    fun `Spring Security - a limit of age reaches the verifier`() {
        val introspector = M2mIntrospector(TokenVerifier()) { it.maxTokenAge(Duration.ZERO) }
        spring("introspector" to introspector) { url ->
            assertRefused(TOO_OLD, get("$url/users", "Bearer ${token("read:users").second}"))
        }
    }

    @Test
    fun `Ktor says that it cannot tell`() =
        ktor(withoutKeys()) { url -> cannotTell(url) }

    @Test
    fun `Spring Security says that it cannot tell`() =
        spring("verifierWithoutKeys" to withoutKeys()) { url -> cannotTell(url) }

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

    private fun asksTheRule(url: String) {
        for (scope in listOf("read:reports", "read:users", "read:*")) {
            val (clientId, token) = token(scope)
            assertEquals("hello, $clientId", get("$url/reports", "Bearer $token").body())
        }
        assertRefused(
            Refused(403, "insufficient_scope", """Bearer error="insufficient_scope", scope="read:reports read:users""""),
            get("$url/reports", "Bearer ${token("write:users").second}"),
        )
    }

    private fun separatesCustomers(url: String) {
        val issued = issued("a-machine", "acme")
        assertEquals("hello, a-machine", get("$url/acme/users", "Bearer $issued").body())
        val wrong = Refused(403, "insufficient_scope", """Bearer error="insufficient_scope"""")
        assertRefused(wrong, get("$url/globex/users", "Bearer $issued"))
        assertRefused(wrong, get("$url/acme/users", "Bearer ${token("read:users").second}"))
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

    /** A token of a machine of this organization, which the server of the tests issues without any client. */
    private fun issued(clientId: String, organization: String): String {
        val request = """{"client_id":"$clientId","scopes":[],"changes":{"claims":{"org_id":"$organization"}}}"""
        val tokens = HttpRequest.newBuilder(URI("${System.getenv("STYTCH_BASE_URL")}/_emulator/tokens"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(request))
        val answer = java.net.http.HttpClient.newHttpClient().send(tokens.build(), BodyHandlers.ofString()).body()
        return Regex(""""access_token": *"([^"]+)"""").find(answer)!!.groupValues[1]
    }

    /** A verifier whose key server is away. */
    private fun withoutKeys(): TokenVerifier {
        val port = ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { it.localPort }
        return TokenVerifier(listOf(IssuerConfig.stytch().toBuilder().keys(KeySource.Url("http://127.0.0.1:$port/jwks")).build()))
    }

    private fun ktor(verifier: TokenVerifier, use: suspend (String) -> Unit) = runBlocking {
        val server = embeddedServer(CIO, port = 0, host = "127.0.0.1") {
            usersService(verifier)
            otherRoutes(verifier)
        }.start()
        try {
            use("http://127.0.0.1:${server.engine.resolvedConnectors().single().port}")
        } finally {
            server.stop(0, 0)
            verifier.close()
        }
    }

    /** A route for which every token is too old, and one with a customer in its path. */
    private fun Application.otherRoutes(tokenVerifier: TokenVerifier) {
        routing {
            route("/{tenant}/users") {
                install(RequireScopes) {
                    verifier = tokenVerifier
                    organization = { RequiredOrganization.exactly(it.parameters["tenant"]) }
                }
                get { call.respondText("hello, ${call.m2mClaims.clientId}") }
            }
            route("/never") {
                install(RequireScopes) {
                    verifier = tokenVerifier
                    maxTokenAge = Duration.ZERO
                }
                get { call.respondText("in") }
            }
        }
    }

    /** The routes in a servlet container, without any framework. */
    private fun servlets(use: (String) -> Unit) = TokenVerifier().use { verifier ->
        val tomcat = Tomcat().apply {
            setBaseDir(Files.createTempDirectory("tomcat").toString())
            setPort(0)
        }
        val context = tomcat.addContext("", null)
        val hello = object : HttpServlet() {
            override fun doGet(request: HttpServletRequest, response: HttpServletResponse) {
                val claims = request.getAttribute("m2mClaims") as? TokenClaims
                response.writer.print("hello, ${claims?.clientId}")
            }
        }
        Tomcat.addServlet(context, "hello", hello)
        context.addServletMappingDecoded("/", "hello")
        val both = listOf("read:reports", "read:users")
        val routes = mapOf<String, BiConsumer<AuthenticateOptions, HttpServletRequest>>(
            "/users" to BiConsumer { options, _ -> options.requiredScopes("read:users") },
            "/reports" to BiConsumer { options, _ ->
                options.requiredScopes(both).authorize { claims, any -> claims.missingScopes(any).size < any.size }
            },
            "/never" to BiConsumer { options, _ -> options.maxTokenAge(Duration.ZERO) },
            "/acme/users" to BiConsumer { options, request ->
                options.organization(RequiredOrganization.exactly(request.servletPath.split("/").getOrNull(1)))
            },
            "/globex/users" to BiConsumer { options, _ -> options.organization(RequiredOrganization.exactly("globex")) },
        )
        for ((path, route) in routes) {
            context.addFilterDef(
                FilterDef().apply {
                    filterName = path
                    filter = M2mFilter(verifier, route)
                },
            )
            context.addFilterMap(
                FilterMap().apply {
                    filterName = path
                    addURLPattern(path)
                },
            )
        }
        tomcat.start()
        try {
            use("http://127.0.0.1:${tomcat.connector.localPort}")
        } finally {
            tomcat.stop()
            tomcat.destroy()
        }
    }

    private fun spring(replaced: Pair<String, Any>? = null, use: (String) -> Unit) {
        val application = SpringApplicationBuilder(SpringServer::class.java)
            .properties("server.port=0", "server.address=127.0.0.1", "spring.main.banner-mode=off")
        replaced?.let { (name, bean) ->
            application.initializers(
                ApplicationContextInitializer<GenericApplicationContext> { context ->
                    context.beanFactory.registerSingleton(name, bean)
                },
            )
        }
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

    private companion object {
        val TOO_OLD = Refused(401, "invalid_token", """Bearer error="invalid_token"""")
    }
}
