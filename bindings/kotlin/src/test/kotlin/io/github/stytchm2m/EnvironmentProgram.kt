package io.github.stytchm2m

import kotlinx.coroutines.runBlocking

/** A program whose settings are in its environment. */
internal object EnvironmentProgram {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val claims = runBlocking {
            TokenSource().use { source -> TokenVerifier().use { it.authenticateToken(source.getToken().accessToken) } }
        }
        println("a token for ${claims.clientId}")
    }
}
