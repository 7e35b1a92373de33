package io.github.stytchm2m

import io.github.stytchm2m.serialization.decode
import io.github.stytchm2m.serialization.decodeMetadata
import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

/** JSON as classes of kotlinx.serialization. */
internal class DecodingTest {
    @Test
    fun `claims and metadata are decoded`() = test {
        val claims = CustomClaims("""{"team":"payments","tier":1}""")
        assertEquals("payments", claims.decode<JsonObject>().getValue("team").jsonPrimitive.content)
        failure<SerializationException> { claims.decode<Map<String, Int>>() }
        Client().use { client ->
            val created = client.m2m.clients.create(emptyList(), trustedMetadata = """{"team":"payments"}""")
            assertEquals(mapOf("team" to "payments"), created.m2mClient.decodeMetadata<Map<String, String>>())
        }
    }
}
