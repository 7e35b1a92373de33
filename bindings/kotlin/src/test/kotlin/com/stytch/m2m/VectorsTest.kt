package com.stytch.m2m

import com.google.gson.GsonBuilder
import com.google.gson.JsonElement
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File

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
                difference(case["expect"].asJsonObject, run(file, case))?.let {
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
                    options["max_token_age_seconds"]?.asLong,
                    options["clock_tolerance_seconds"]?.asLong ?: 0,
                )
                mapOf("ok" to gson.toJsonTree(shown(claims)))
            }
        } catch (error: M2mException) {
            refusal(error)
        }

    private fun issuer(value: JsonObject): IssuerConfig {
        fun flag(name: String) = value[name]?.asBoolean ?: false
        return IssuerConfig(
            value["issuers"].strings(),
            value["audiences"].strings(),
            value["algorithms"].strings().map { Algorithm.valueOf(it.uppercase()) },
            KeySource.Jwks(value["jwks"].asString),
            TokenProfile.valueOf(value["profile"].asString.uppercase()),
            flag("allow_missing_typ"),
            flag("allow_missing_kid"),
            flag("accept_scope_array"),
        )
    }

    private fun JsonElement?.strings(): List<String> = this?.asJsonArray?.map { it.asString }.orEmpty()

    private fun shown(claims: TokenClaims): Map<String, Any?> =
        mapOf(
            "client_id" to claims.clientId,
            "scopes" to claims.scopes,
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
