package io.github.stytchm2m

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.fail
import java.io.File
import java.util.Base64
import kotlin.random.Random

/** Processes that share tokens through a Redis, which `cargo xtask test kotlin` starts. */
internal class SharedStoreTest {
    private val key = Base64.getEncoder().encodeToString(Random.nextBytes(32))

    /**
     * A store that does not answer in time, as on a busy machine, is done without. So another client is
     * tried then: one must be served by the store throughout.
     */
    @Test
    fun `one process fetches for both, by source and by client`() = test {
        val store = redis()
        val shared = (1..5).firstNotNullOfOrNull {
            val created = Client().use { it.m2m.clients.create(emptyList()).m2mClient }
            val tokens = tokens(created.clientId, created.clientSecret, store)
            tokens.takeIf { Emulator.tokenRequests(created.clientId) == 1 }
        }
        assertEquals(1, shared?.size)
    }

    /** The tokens of two processes, a source and a client that share [store]. */
    private suspend fun tokens(id: String, secret: Secret, store: String): Set<String> {
        val tokens = (1..2).map { Sharing.inAnotherProcess(id, secret.reveal(), store, key) }.toMutableSet()
        TokenSource(id, secret, tokenStoreUrl = Secret(store), tokenStoreKey = Secret(key)).use {
            tokens += it.getToken().accessToken.reveal()
        }
        Client(tokenStoreUrl = Secret(store), tokenStoreKey = Secret(key)).use {
            tokens += it.m2m.token(id, secret).accessToken.reveal()
        }
        return tokens
    }

    @Test
    fun `without its store, a process fetches for itself`() = test {
        val created = Client().use { it.m2m.clients.create(emptyList()).m2mClient }
        val away = Secret(closedPort().replace("http:", "redis:"))
        Client(tokenStoreUrl = away, tokenStoreKey = Secret(key)).use {
            it.m2m.token(created.clientId, created.clientSecret)
        }
        assertEquals(1, Emulator.tokenRequests(created.clientId))
    }

    private fun redis(): String {
        val url = System.getenv("STYTCH_M2M_TEST_REDIS")
        if (url == null) {
            if (System.getenv("CI") != null) fail("redis-server is not installed")
            println("skipped: redis-server is not installed")
        }
        assumeTrue(url != null)
        return url
    }
}

/** A program that fetches one token: `id secret store key`. */
internal object Sharing {
    @JvmStatic
    fun main(arguments: Array<String>) = runBlocking {
        val (id, secret, store, key) = arguments
        TokenSource(id, Secret(secret), tokenStoreUrl = Secret(store), tokenStoreKey = Secret(key)).use {
            println(it.getToken().accessToken.reveal())
        }
    }

    fun inAnotherProcess(vararg arguments: String): String {
        val java = File(System.getProperty("java.home"), "bin/java").path
        val program = listOf(java, "-cp", System.getProperty("java.class.path"), javaClass.name)
        val process = ProcessBuilder(program + arguments).redirectError(ProcessBuilder.Redirect.INHERIT).start()
        val said = process.inputStream.bufferedReader().readText().trim()
        assertEquals(0, process.waitFor())
        return said
    }
}
