package io.github.stytchm2m

import com.google.gson.GsonBuilder
import com.google.gson.JsonElement
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import io.github.stytchm2m.internal.ErrorDetails
import io.github.stytchm2m.internal.ErrorKind
import io.github.stytchm2m.internal.NativeException
import io.github.stytchm2m.internal.NativeOrigins
import io.github.stytchm2m.internal.failWith
import io.github.stytchm2m.internal.missingScopes
import io.github.stytchm2m.internal.refuseScopes
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.time.Duration
import io.github.stytchm2m.internal.InvalidTokenReason as NativeReason

/** Every case of `tests/vectors`, as every language runs them. */
internal class VectorsTest {
    private val gson = GsonBuilder().serializeNulls().create()

    @Test
    fun `every token gets what it must`() = test {
        val files = File("../../tests/vectors").listFiles { file -> file.extension == "json" }!!.sorted()
        var ran = 0
        val failures = mutableListOf<String>()
        for (path in files) {
            val file = JsonParser.parseString(path.readText()).asJsonObject
            for (case in file["cases"].asJsonArray.map { it.asJsonObject }) {
                ran += 1
                val seen = if (case.has("call")) bearer(case) else run(file, case)
                difference(case["expect"].asJsonObject, seen)?.let {
                    failures += "${path.name} ${case["id"].asString} ${case["name"].asString}: $it"
                }
            }
        }
        println("vectors: $ran cases")
        assertTrue(ran >= 600, "only $ran cases were found")
        assertEquals(emptyList<String>(), failures)
    }

    private suspend fun run(file: JsonObject, case: JsonObject): Map<String, Any?> =
        try {
            val issuers = (case["issuers"] ?: file["issuers"]).asJsonArray.map { issuer(it.asJsonObject) }
            TokenVerifier(nativeVerifier(issuers, TransportConfig().toNative(file["now"].asLong))).use { verifier ->
                val options = case["options"]?.asJsonObject ?: JsonObject()
                val claims = verifier.authenticateToken(
                    case["token"].asString.repeat(case["repeat"]?.asInt ?: 1),
                    options["required_scopes"].strings(),
                    options["max_token_age_seconds"]?.let { Duration.ofSeconds(it.asLong) },
                    Duration.ofSeconds(options["clock_tolerance_seconds"]?.asLong ?: 0),
                    options["organization"]?.let {
                        if (it.isJsonObject) RequiredOrganization.any() else RequiredOrganization.exactly(it.asString)
                    },
                )
                mapOf("ok" to gson.toJsonTree(shown(claims)))
            }
        } catch (error: M2mException) {
            refusal(error)
        }

    private fun issuer(value: JsonObject): IssuerConfig {
        val keys = KeySource.Jwks(value["jwks"].asString)
        if (value.has("preset")) {
            return provider(value["preset"].asString, value["arguments"].asJsonObject).toBuilder().keys(keys).build()
        }
        fun flag(name: String) = value[name]?.asBoolean ?: false
        return IssuerConfig(
            value["issuers"].strings(),
            value["audiences"].strings(),
            value["algorithms"].strings().map { algorithm(it) },
            keys,
            TokenProfile.valueOf(value["profile"].asString.uppercase()),
            flag("allow_missing_typ"),
            flag("allow_missing_kid"),
            flag("accept_scope_array"),
            flag("wildcard_scopes"),
            flag("allow_bound_tokens"),
            value["require_typ"]?.asString,
            value["scope_map"]?.asJsonObject?.asMap().orEmpty().mapValues { it.value.asString },
            value["required_claims"]?.asJsonObject?.asMap().orEmpty().mapValues { it.value.asString },
            flag("require_client_subject"),
            value["client_ids"].strings(),
            value["client_id_claims"].strings(),
            value["scope_claims"]?.strings() ?: listOf("scope"),
            if (value.has("organization_claim")) value["organization_claim"].text() else "org_id",
            value["forbidden_claims"].strings(),
            flag("allow_missing_sub"),
            flag("require_any_scope"),
            value["max_token_lifetime_seconds"]?.let { Duration.ofSeconds(it.asLong) },
            Duration.ofSeconds(value["clock_tolerance_seconds"]?.asLong ?: 0),
            value["max_jwks_keys"]?.asLong ?: 1000,
            value["max_jwks_bytes"]?.asLong ?: (1 shl 20),
            value["jwks_token_file"]?.asString,
        )
    }

    /** The settings of a provider, by the function that its name is of. */
    private fun provider(preset: String, arguments: JsonObject): IssuerConfig {
        fun of(name: String) = arguments[name].asString
        val clients = arguments["client_ids"].strings()
        return when (preset) {
            "stytch" -> IssuerConfig.stytch(of("project_id"))
            "auth0" -> IssuerConfig.auth0(of("domain"), of("audience"))
            "cognito" -> IssuerConfig.cognito(of("user_pool_id"), clients)
            "entra" -> IssuerConfig.entra(of("tenant"), of("audience"))
            "okta" -> IssuerConfig.okta(of("issuer"), of("audience"))
            "keycloak" -> IssuerConfig.keycloak(of("issuer"), of("audience"))
            "google" -> IssuerConfig.google(of("audience"), clients)
            "hydra" -> IssuerConfig.hydra(of("issuer"), of("audience"))
            "zitadel" -> IssuerConfig.zitadel(of("issuer"), of("audience"), clients)
            "duende" -> IssuerConfig.duende(of("issuer"), of("audience"))
            else -> IssuerConfig.kubernetes(of("issuer"), of("audience"))
        }
    }

    /** RFC 9864 gives EdDSA a second name. */
    private fun algorithm(name: String): Algorithm =
        if (name == "Ed25519") Algorithm.EDDSA else Algorithm.valueOf(name.uppercase())

    private fun JsonElement.text(): String? = takeUnless { it.isJsonNull }?.asString

    private fun JsonElement?.strings(): List<String> = this?.asJsonArray?.map { it.asString }.orEmpty()

    private fun shown(claims: TokenClaims): Map<String, Any?> =
        mapOf(
            "client_id" to claims.clientId,
            "subject" to claims.subject,
            "organization" to claims.organization,
            "scopes" to claims.scopes,
            "wildcard_scopes" to claims.wildcardScopes,
            "custom_claims" to claims.customClaims.toMap(),
            "custom_claims_json" to claims.customClaims.json,
            "issuer" to claims.issuer,
            "audience" to claims.audience,
            "issued_at" to claims.issuedAt?.epochSecond,
            "not_before" to claims.notBefore?.epochSecond,
            "expires_at" to claims.expiresAt.epochSecond,
            "token_id" to claims.tokenId,
        )

    private fun refusal(error: M2mException): Map<String, Any?> =
        mapOf(
            "code" to error.code,
            "reason" to error.reason?.code,
            "claim" to error.claim,
            "missing_scopes" to error.missingScopes,
            "field" to error.field,
            "refusal" to error.refusal,
        )

    /** A case of `bearer.json`. */
    private fun bearer(case: JsonObject): Map<String, Any?> {
        val given = case["given"].asJsonObject
        return try {
            when (val call = case["call"].asString) {
                "token_from_authorization_headers" ->
                    mapOf("token" to tokenFromAuthorizationHeaders(given["values"].strings()).reveal())
                "refuses_token" ->
                    mapOf("refuses" to refusesToken(given["status"].asInt, given["www_authenticate"].strings()))
                "origins" -> mapOf("allows" to NativeOrigins(given["origins"].strings()).allows(given["url"].asString))
                "missing_scopes" -> {
                    val (scopes, required) = given["scopes"].strings() to given["required"].strings()
                    mapOf("missing" to missingScopes(scopes, given["wildcard_scopes"].asBoolean, required))
                }
                "insufficient_scope" -> mapOf("granted" to refuseScopes(given["missing"].strings()))
                "error" -> mapOf("passed" to failWith(details(given["code"].asString)))
                else -> error("there is no $call")
            }
        } catch (error: NativeException) {
            refusal(error.toPublic())
        } catch (error: M2mException) {
            refusal(error)
        }
    }

    private fun details(code: String): ErrorDetails =
        ErrorDetails(
            ErrorKind.valueOf(code.uppercase()),
            message = "message",
            `field` = null,
            statusCode = null,
            requestId = null,
            errorType = null,
            errorMessage = null,
            errorUrl = null,
            retryAfter = Duration.ofMillis(1500),
            reason = NativeReason.EXPIRED,
            claim = null,
            missingScopes = listOf("read:users"),
            recovery = null,
        )

    /** How [got] differs from [expected], which need not name all. */
    private fun difference(expected: JsonObject, got: Map<String, Any?>): String? {
        val seen = gson.toJsonTree(got).asJsonObject
        val (wanted, shown) = expected["ok"]?.asJsonObject.let { ok ->
            if (ok == null) expected to seen else ok to (seen["ok"]?.asJsonObject ?: return "refused: $seen")
        }
        return wanted.entrySet().firstOrNull { (name, value) -> shown[name] != value }
            ?.let { (name, value) -> "$name is ${shown[name]}, not $value" }
    }
}
