package io.github.stytchm2m.serialization

import io.github.stytchm2m.CustomClaims
import io.github.stytchm2m.M2mClientFields
import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.Json

/** Reads the known fields and ignores the others. */
@PublishedApi
internal val lenient: Json = Json { ignoreUnknownKeys = true }

/**
 * The claims as a [T], a class of yours that is `@Serializable`. kotlinx.serialization is an optional
 * dependency of this module: bring your own.
 *
 * @throws SerializationException when they are of another shape.
 */
public inline fun <reified T> CustomClaims.decode(json: Json = lenient): T = json.decodeFromString(this.json)

/**
 * The trusted metadata as a [T], as for [CustomClaims]; `null` where the client has none.
 *
 * @throws SerializationException when they are of another shape.
 */
public inline fun <reified T> M2mClientFields.decodeMetadata(json: Json = lenient): T? =
    trustedMetadata?.let { json.decodeFromString(it) }
