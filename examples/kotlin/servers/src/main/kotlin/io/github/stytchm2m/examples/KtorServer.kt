package io.github.stytchm2m.examples

import io.github.stytchm2m.Authorize
import io.github.stytchm2m.M2mException
import io.github.stytchm2m.Refusal
import io.github.stytchm2m.RequiredOrganization
import io.github.stytchm2m.TokenClaims
import io.github.stytchm2m.TokenVerifier
import io.github.stytchm2m.tokenFromAuthorizationHeaders
import io.ktor.http.ContentType
import io.ktor.http.HttpHeaders
import io.ktor.http.HttpStatusCode
import io.ktor.server.application.Application
import io.ktor.server.application.ApplicationCall
import io.ktor.server.application.createRouteScopedPlugin
import io.ktor.server.application.install
import io.ktor.server.cio.CIO
import io.ktor.server.engine.embeddedServer
import io.ktor.server.response.header
import io.ktor.server.response.respondBytes
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.route
import io.ktor.server.routing.routing
import io.ktor.util.AttributeKey
import java.time.Duration

// [plugin]
private val claims = AttributeKey<TokenClaims>("M2mClaims")

/** Who is calling, in a route that has [RequireScopes]. */
val ApplicationCall.m2mClaims: TokenClaims get() = attributes[claims]

/** What [RequireScopes] asks for. */
class RequireScopesConfig {
    lateinit var verifier: TokenVerifier
    var scopes: List<String> = emptyList()
    var maxTokenAge: Duration? = null
    var clockTolerance: Duration = Duration.ZERO

    /** The organization that the token must belong to: `{ RequiredOrganization.exactly(it.parameters["tenant"]) }`. */
    var organization: (suspend (ApplicationCall) -> RequiredOrganization)? = null

    /** Replaces the comparison of scopes. */
    var authorize: Authorize? = null
}

/** Lets a request through if its token grants the scopes, and else answers 401, 403 or 503. */
val RequireScopes = createRouteScopedPlugin("RequireScopes", ::RequireScopesConfig) {
    val route = pluginConfig
    onCall { call ->
        try {
            val token = tokenFromAuthorizationHeaders(call.request.headers.getAll(HttpHeaders.Authorization).orEmpty())
            val verified = route.verifier.authenticateToken(
                token,
                route.scopes,
                route.maxTokenAge,
                route.clockTolerance,
                route.organization?.invoke(call),
                route.authorize,
            )
            call.attributes.put(claims, verified)
        } catch (error: M2mException) {
            // Without a refusal, it is not about the token, but a fault of this service.
            call.refuse(error.refusal ?: throw error)
        }
    }
}

private suspend fun ApplicationCall.refuse(refusal: Refusal) {
    val (type, others) = refusal.headers.entries.partition { it.key == HttpHeaders.ContentType }
    others.forEach { (name, value) -> response.header(name, value) }
    val contentType = type.firstOrNull()?.let { ContentType.parse(it.value) }
    respondBytes(refusal.body.toByteArray(), contentType, HttpStatusCode.fromValue(refusal.status))
}

// [end]

/** The routes: one for everyone, one for clients that may read users, one for those with either of two scopes. */
fun Application.usersService(tokenVerifier: TokenVerifier) {
    routing {
        get("/health") { call.respondText("ok") }
        route("/users") {
            install(RequireScopes) {
                verifier = tokenVerifier
                scopes = listOf("read:users")
            }
            get { call.respondText("hello, ${call.m2mClaims.clientId}") }
        }
        route("/reports") {
            install(RequireScopes) {
                verifier = tokenVerifier
                scopes = listOf("read:reports", "read:users")
                authorize = { claims, any -> claims.missingScopes(any).size < any.size }
            }
            get { call.respondText("hello, ${call.m2mClaims.clientId}") }
        }
    }
}

fun main() {
    TokenVerifier().use { verifier -> // STYTCH_PROJECT_ID, STYTCH_BASE_URL
        embeddedServer(CIO, port = 8080, host = "127.0.0.1") { usersService(verifier) }.start(wait = true)
    }
}
