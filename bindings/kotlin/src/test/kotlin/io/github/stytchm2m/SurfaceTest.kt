package io.github.stytchm2m

import com.google.gson.JsonElement
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import io.github.stytchm2m.blocking.BlockingClient
import io.github.stytchm2m.blocking.BlockingClients
import io.github.stytchm2m.blocking.BlockingM2m
import io.github.stytchm2m.blocking.BlockingOrganizationClient
import io.github.stytchm2m.blocking.BlockingSecrets
import io.github.stytchm2m.blocking.BlockingTokenSource
import io.github.stytchm2m.blocking.BlockingTokenVerifier
import io.github.stytchm2m.futures.FutureClient
import io.github.stytchm2m.futures.FutureClients
import io.github.stytchm2m.futures.FutureM2m
import io.github.stytchm2m.futures.FutureOrganizationClient
import io.github.stytchm2m.futures.FutureSecrets
import io.github.stytchm2m.futures.FutureTokenSource
import io.github.stytchm2m.futures.FutureTokenVerifier
import io.github.stytchm2m.options.AuthenticateOptions
import io.github.stytchm2m.options.CreateOptions
import io.github.stytchm2m.options.SearchOptions
import io.github.stytchm2m.options.TokenOptions
import io.github.stytchm2m.options.UpdateOptions
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import kotlin.reflect.KCallable
import kotlin.reflect.KClass
import kotlin.reflect.KParameter
import kotlin.reflect.KVisibility
import kotlin.reflect.full.memberFunctions
import kotlin.reflect.full.memberProperties

/** All that `tests/surface.json` lists is here; `tests/README.md` says what may be spelt otherwise. */
internal class SurfaceTest {
    private val surface = JsonParser.parseString(File("../../tests/surface.json").readText()).asJsonObject

    private val suspending = mapOf(
        "Client" to listOf(M2m::class, Client::class, B2BClient::class),
        "Clients" to listOf(M2mClients::class),
        "Secrets" to listOf(M2mSecrets::class),
        "TokenSource" to listOf(TokenSource::class),
        "TokenVerifier" to listOf(TokenVerifier::class),
        "OrganizationClient" to listOf(OrganizationClient::class),
        "IssuerConfig" to listOf(IssuerConfig.Companion::class),
    )

    private val blocking = mapOf(
        "Client" to listOf(BlockingM2m::class, BlockingClient::class),
        "Clients" to listOf(BlockingClients::class),
        "Secrets" to listOf(BlockingSecrets::class),
        "TokenSource" to listOf(BlockingTokenSource::class),
        "TokenVerifier" to listOf(BlockingTokenVerifier::class),
        "OrganizationClient" to listOf(BlockingOrganizationClient::class),
        "IssuerConfig" to listOf(IssuerConfig.Companion::class),
    )

    /** What is filled in by a function, by the call that takes it. */
    private val options = mapOf(
        "Client.token" to TokenOptions::class,
        "Client.authenticate_token" to AuthenticateOptions::class,
        "TokenVerifier.authenticate_token" to AuthenticateOptions::class,
        "Clients.create" to CreateOptions::class,
        "Clients.update" to UpdateOptions::class,
        "Clients.search" to SearchOptions::class,
        "Clients.search_all" to SearchOptions::class,
    )

    private val futures = mapOf(
        "Client" to listOf(FutureM2m::class, FutureClient::class),
        "Clients" to listOf(FutureClients::class),
        "Secrets" to listOf(FutureSecrets::class),
        "TokenSource" to listOf(FutureTokenSource::class),
        "TokenVerifier" to listOf(FutureTokenVerifier::class),
        "OrganizationClient" to listOf(FutureOrganizationClient::class),
        "IssuerConfig" to listOf(IssuerConfig.Companion::class),
    )

    @Test
    fun `every operation is there, with its arguments`() {
        for (classes in listOf(suspending, futures, blocking)) {
            val operations = members("operations")
            assertEquals(operations.keys, classes.keys)
            for ((type, members) in operations) {
                for ((name, arguments) in members.asJsonObject.asMap()) {
                    val found = classes.getValue(type).flatMap { it.public() }.filter { snake(it.name) == name }
                    // Several forms may have one name.
                    val taken = found.map { form ->
                        val filled = form.arguments().flatMap { if (it == "options") filledIn("$type.$name") else listOf(it) }
                        // The future of a search hands its finds to a function.
                        filled.minus("each").toSet()
                    }
                    assertTrue(arguments.names() in taken, "$type.$name: $taken")
                }
            }
        }
        val functions = listOf(::tokenFromAuthorizationHeader, ::tokenFromAuthorizationHeaders, ::refusesToken)
        assertEquals(
            members("functions").mapValues { it.value.names() },
            functions.associate { snake(it.name) to it.arguments() },
        )
        val methods = mapOf("TokenClaims" to mapOf("missing_scopes" to TokenClaims::missingScopes.arguments()))
        assertEquals(
            members("methods").mapValues { (_, methods) -> methods.asJsonObject.asMap().mapValues { it.value.names() } },
            methods,
        )
    }

    @Test
    fun `every setting is there`() {
        val choices = mapOf(
            Client::class to emptySet(),
            B2BClient::class to setOf("vertical"),
            TokenSource::class to emptySet(),
            TokenVerifier::class to emptySet(),
            OrganizationClient::class to emptySet(),
        )
        for ((type, chosen) in choices) {
            val settings = members("settings").getValue(type.simpleName!!.removePrefix("B2B")).names()
            val constructors = type.constructors.filter { it.visibility == KVisibility.PUBLIC }.map { it.arguments() }
            assertTrue(settings - chosen + "transport" in constructors, "$type: $constructors")
        }
        assertEquals(members("settings").getValue("transport").names(), TransportConfig::class.properties())
    }

    @Test
    fun `every record has its fields`() {
        val types = listOf(
            M2mClient::class,
            M2mClientWithClientSecret::class,
            M2mClientWithNextClientSecret::class,
            ClientResponse::class,
            CreateResponse::class,
            DeleteResponse::class,
            RotateStartResponse::class,
            SearchResponse::class,
            ResultsMetadata::class,
            SearchQuery::class,
            Token::class,
            TokenClaims::class,
            IssuerConfig::class,
            KeySetHealth::class,
            ExportedKeySet::class,
            CacheStats::class,
            ClientStats::class,
            Refusal::class,
        ).associateBy { it.simpleName!!.replace("M2m", "M2M") }
        assertEquals(members("records").keys, types.keys)
        for ((name, fields) in members("records")) {
            assertEquals(fields.names(), types.getValue(name).properties() - "client", name)
        }
    }

    @Test
    fun `every value is there`() {
        val values = mapOf(
            "Vertical" to Vertical.entries.map { it.name.lowercase() },
            "TokenProfile" to TokenProfile.entries.map { it.name.lowercase() },
            "ClientStatus" to ClientStatus.entries.map { it.name.lowercase() },
            "SearchOperator" to SearchOperator.entries.map { it.name },
            "SearchFilter" to SearchFilter::class.sealedSubclasses.map { snake(it.simpleName!!) },
            "Algorithm" to Algorithm.entries.map { it.name.replace("EDDSA", "EdDSA") },
            "KeySetState" to KeySetState.entries.map { it.code },
        )
        assertEquals(members("values").mapValues { it.value.names() }, values.mapValues { it.value.toSet() })
    }

    @Test
    fun `every error is there`() {
        val errors = members("errors")
        val classes = M2mException::class.sealedSubclasses.map { snake(it.simpleName!!) }
        assertEquals(errors.getValue("codes").names(), classes.toSet())
        assertEquals(errors.getValue("details").names(), M2mException::class.properties() - "cause")
        assertEquals(
            errors.getValue("invalid_token_reasons").names(),
            InvalidTokenReason.entries.map { it.code }.toSet(),
        )
    }

    private fun filledIn(call: String): List<String> =
        options.getValue(call).public().map { snake(it.name) } - setOf("equals", "hash_code", "to_string")

    private fun members(name: String): Map<String, JsonElement> = (surface[name] as JsonObject).asMap()

    private fun JsonElement.names(): Set<String> = asJsonArray.map { it.asString }.toSet()

    private fun KClass<*>.public(): List<KCallable<*>> =
        (memberFunctions + memberProperties).filter { it.visibility == KVisibility.PUBLIC }

    private fun KClass<*>.properties(): Set<String> =
        memberProperties.filter { it.visibility == KVisibility.PUBLIC }.map { snake(it.name) }.toSet()

    private fun KCallable<*>.arguments(): Set<String> =
        parameters.filter { it.kind == KParameter.Kind.VALUE }.map { snake(it.name!!) }.toSet()

    private fun snake(name: String): String =
        name.replace(Regex("(?<=[a-z])(?=[A-Z])"), "_").lowercase()
}
