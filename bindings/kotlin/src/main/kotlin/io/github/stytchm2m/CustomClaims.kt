package io.github.stytchm2m

import io.github.stytchm2m.internal.JsonValue
import io.github.stytchm2m.internal.NativeCalls
import java.math.BigDecimal
import java.math.BigInteger

/**
 * Claims beyond the registered ones. They print as their names only.
 *
 * @property json The claims as the text of one JSON object, for a JSON library of your choice.
 */
public class CustomClaims(public val json: String) {
    private val claims: Map<String, Any?> by lazy { parse(json) }

    /**
     * The claims by name: `String`, `Boolean`, a number, `List<Any?>`, `Map<String, Any?>` or `null`.
     *
     * A whole number is a `Long`, or a `BigInteger` beyond 64 bits. Another number is a `Double`, or a
     * `BigDecimal` if it has more digits than a `Double` holds.
     */
    public fun toMap(): Map<String, Any?> = claims

    /** The claim called [name], as in [toMap]; `null` also where there is none. */
    public operator fun get(name: String): Any? = claims[name]

    /** The claim called [name] if it is a string. */
    @JvmName("getString")
    public fun string(name: String): String? = claims[name] as? String

    /** The claim called [name] if it is a whole number of 64 bits. */
    @JvmName("getLong")
    public fun long(name: String): Long? = claims[name] as? Long

    /** The claim called [name] if it is a whole number, of any size. */
    @JvmName("getBigInteger")
    public fun bigInteger(name: String): BigInteger? =
        when (val claim = claims[name]) {
            is Long -> BigInteger.valueOf(claim)
            else -> claim as? BigInteger
        }

    /** The claim called [name] if it is a number, rounded to what a `Double` holds. */
    @JvmName("getDouble")
    public fun double(name: String): Double? = (claims[name] as? Number)?.toDouble()

    /** The claim called [name] if it is a number, with every digit. */
    @JvmName("getBigDecimal")
    public fun bigDecimal(name: String): BigDecimal? = (claims[name] as? Number)?.let { BigDecimal(it.toString()) }

    /** The claim called [name] if it is a boolean. */
    @JvmName("getBoolean")
    public fun boolean(name: String): Boolean? = claims[name] as? Boolean

    /** The claim called [name] if it is an array of strings. */
    @JvmName("getStrings")
    public fun strings(name: String): List<String>? =
        (claims[name] as? List<*>)?.let { items -> items.filterIsInstance<String>().takeIf { it.size == items.size } }

    override fun equals(other: Any?): Boolean = other is CustomClaims && claims == other.claims

    override fun hashCode(): Int = claims.hashCode()

    override fun toString(): String = "CustomClaims${claims.keys.sorted()}"
}

private fun parse(json: String): Map<String, Any?> =
    when (val value = translated { NativeCalls.parseCustomClaims(json) }) {
        is JsonValue.Object -> value.v1.mapValues { (_, member) -> member.toAny() }
        else -> emptyMap()
    }

private fun JsonValue.toAny(): Any? =
    when (this) {
        is JsonValue.Null -> null
        is JsonValue.Bool -> v1
        is JsonValue.Integer -> v1
        is JsonValue.Number -> v1
        is JsonValue.Exact -> exact(v1)
        is JsonValue.Text -> v1
        is JsonValue.Array -> v1.map { it.toAny() }
        is JsonValue.Object -> v1.mapValues { (_, member) -> member.toAny() }
    }

/** A whole number has neither a fraction nor an exponent. */
private fun exact(number: String): Number =
    if (number.any { it in ".eE" }) BigDecimal(number) else BigInteger(number)
