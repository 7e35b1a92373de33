package io.github.stytchm2m.scenarios

import com.google.gson.JsonElement
import com.google.gson.JsonObject
import io.github.stytchm2m.RequiredOrganization
import io.github.stytchm2m.SearchFilter
import io.github.stytchm2m.SearchOperator
import io.github.stytchm2m.SearchQuery
import io.github.stytchm2m.Secret

/** The members of an object, each of which must be taken. */
internal class Args(members: JsonObject) {
    private val left = members.asMap().toMutableMap()

    fun take(name: String): JsonElement = checkNotNull(left.remove(name)) { "$name is missing" }

    fun optional(name: String): JsonElement? = left.remove(name)?.takeUnless { it.isJsonNull }

    fun text(name: String): String = take(name).asString

    fun optionalText(name: String): String? = optional(name)?.asString

    fun secret(name: String): Secret = Secret(text(name))

    fun clientId(): String = text("client_id")

    fun flag(name: String): Boolean = optional(name)?.asBoolean ?: false

    fun strings(name: String): List<String>? = optional(name)?.asJsonArray?.map { it.asString }

    fun stringMap(name: String): Map<String, String> =
        optional(name)?.asJsonObject?.asMap()?.mapValues { it.value.asString }.orEmpty()

    /** An id, or `{ "any": true }`. */
    fun organization(): RequiredOrganization? =
        optional("organization")?.let {
            if (it.isJsonObject) RequiredOrganization.any() else RequiredOrganization.exactly(it.asString)
        }

    fun query(): SearchQuery? =
        optional("query")?.let { query ->
            val members = Args(query.asJsonObject)
            val operator = SearchOperator.valueOf(members.text("operator"))
            val operands = members.take("operands").asJsonArray.map { filter(Args(it.asJsonObject)) }
            members.end("a query")
            SearchQuery(operands, operator)
        }

    private fun filter(members: Args): SearchFilter {
        val name = members.text("filter_name")
        val values = members.take("filter_value").asJsonArray.map { it.asString }
        members.end("a filter")
        return when (name) {
            "client_id" -> SearchFilter.ClientId(values)
            "client_name" -> SearchFilter.ClientName(values)
            "scopes" -> SearchFilter.Scopes(values)
            else -> error("there is no filter $name")
        }
    }

    /** Fails if something was not taken. */
    fun end(of: String): Unit = check(left.isEmpty()) { "$of has no ${left.keys}" }
}
