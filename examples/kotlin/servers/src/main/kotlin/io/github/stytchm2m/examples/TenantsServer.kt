package io.github.stytchm2m.examples

import io.github.stytchm2m.RequiredOrganization
import io.github.stytchm2m.TokenVerifier
import io.ktor.http.HttpMethod
import io.ktor.http.HttpStatusCode
import io.ktor.server.application.Application
import io.ktor.server.application.ApplicationCall
import io.ktor.server.application.install
import io.ktor.server.request.receiveText
import io.ktor.server.response.respond
import io.ktor.server.response.respondText
import io.ktor.server.routing.Route
import io.ktor.server.routing.route
import io.ktor.server.routing.routing
import java.util.concurrent.ConcurrentHashMap

// [tenants]

/** The invoices of each customer. */
class Invoices {
    private val all = ConcurrentHashMap(
        mapOf(
            "acme" to ConcurrentHashMap(mapOf("1" to "anvils")),
            "globex" to ConcurrentHashMap(mapOf("1" to "rockets", "2" to "fuel")),
        ),
    )

    /** Looked up by the token's organization, never by what else the request says. */
    fun of(call: ApplicationCall): MutableMap<String, String> =
        all.computeIfAbsent(checkNotNull(call.m2mClaims.organization)) { ConcurrentHashMap() }
}

/**
 * A service with several customers: the machine of one never reaches the data of another. The organization comes from
 * the token, where the project's template puts it: `{ "org_id": {{ client.trusted_metadata.organization_id }} }`.
 */
fun Application.tenantsService(tokenVerifier: TokenVerifier, invoices: Invoices = Invoices()) {
    fun Route.requires(scope: String, of: (ApplicationCall) -> RequiredOrganization) = install(RequireScopes) {
        verifier = tokenVerifier
        scopes = listOf(scope)
        organization = { of(it) }
    }
    // The organization in the token must be the one in the path, or there must be one.
    val ofPath = { call: ApplicationCall -> RequiredOrganization.exactly(call.parameters["organization"]) }
    val ofAny = { _: ApplicationCall -> RequiredOrganization.any() }
    val (all, one) = "/organizations/{organization}/invoices" to "/organizations/{organization}/invoices/{number}"

    routing {
        route(all, HttpMethod.Get) {
            requires("read:invoices", ofPath)
            handle { call.respondText("${invoices.of(call)}") }
        }
        route(one, HttpMethod.Get) {
            requires("read:invoices", ofPath)
            handle {
                val text = invoices.of(call)[call.parameters["number"]]
                if (text == null) call.respond(HttpStatusCode.NotFound) else call.respondText(text)
            }
        }
        route(one, HttpMethod.Put) {
            requires("write:invoices", ofPath)
            handle {
                invoices.of(call)["${call.parameters["number"]}"] = call.receiveText()
                call.respond(HttpStatusCode.NoContent)
            }
        }
        route(one, HttpMethod.Delete) {
            requires("write:invoices", ofPath)
            handle {
                invoices.of(call).remove(call.parameters["number"])
                call.respond(HttpStatusCode.NoContent)
            }
        }
        route("/invoices", HttpMethod.Get) {
            requires("read:invoices", ofAny)
            handle { call.respondText("${invoices.of(call)}") }
        }
    }
}

// [end]
