package io.github.stytchm2m

import com.sun.net.httpserver.HttpsConfigurator
import com.sun.net.httpserver.HttpsServer
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.net.InetAddress
import java.net.InetSocketAddress
import java.security.KeyStore
import java.time.Duration
import java.util.Base64
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext

/** Settings of connections and of the shared store reach the core, and wrong ones are named. */
internal class TransportConfigTest {
    @Test
    fun `a wrong setting is named before any request, and shows no secret`() {
        val canary = Secret("canary")
        for ((field, config) in listOf(
            "extra_ca_pem" to TransportConfig(extraCaPem = "no certificate"),
            "client_certificate_pem" to TransportConfig(clientCertificatePem = canary),
            "proxy" to TransportConfig(proxy = Proxy.Url(canary)),
            "max_key_age" to TransportConfig(maxKeyAge = Duration.ofHours(25)),
            "max_key_age" to TransportConfig(maxKeyAge = Duration.ofSeconds(-1)),
            "connect_timeout" to TransportConfig(connectTimeout = Duration.ZERO),
            "attempt_timeout" to TransportConfig(attemptTimeout = Duration.ofNanos(-1)),
        )) {
            val errors = listOf(
                failure<M2mException.InvalidConfig> { Client(transport = config) },
                failure<M2mException.InvalidConfig> { TokenSource("id", Secret("secret"), transport = config) },
                failure<M2mException.InvalidConfig> { TokenVerifier(transport = config) },
            )
            for (error in errors) {
                assertEquals(field, error.field)
                assertTrue("canary" !in "$error $config")
            }
        }
    }

    @Test
    fun `a shared store needs an address and a key`() {
        val (url, key) = Secret("redis://user:canary@127.0.0.1:1/0") to Secret("canary")
        for ((field, settings) in listOf(
            "token_store_key" to (url to null),
            "token_store_key" to (url to key),
            "token_store_url" to (null to Secret("A".repeat(43))),
            "token_store_url" to (Secret("canary") to Secret("A".repeat(43))),
        )) {
            val (tokenStoreUrl, tokenStoreKey) = settings
            val errors = listOf(
                failure<M2mException.InvalidConfig> {
                    Client(tokenStoreUrl = tokenStoreUrl, tokenStoreKey = tokenStoreKey)
                },
                failure<M2mException.InvalidConfig> {
                    TokenSource(
                        "id",
                        Secret("secret"),
                        tokenStoreUrl = tokenStoreUrl,
                        tokenStoreKey = tokenStoreKey,
                    )
                },
            )
            for (error in errors) {
                assertEquals(field, error.field)
                assertTrue("canary" !in "$error")
            }
        }
    }

    @Test
    fun `the built-in roots and no proxy will do`() = test {
        val direct = TransportConfig(bundledRoots = true, proxy = Proxy.Off, maxKeyAge = Duration.ZERO)
        Client(transport = direct).use { assertEquals(200, it.m2m.clients.search(limit = 1).statusCode) }
    }

    @Test
    fun `requests go through the proxy`() = test {
        SilentServer().use { proxy ->
            val config = TransportConfig(proxy = Proxy.Url(Secret(proxy.baseUrl)))
            Client(baseUrl = "https://api.example.com", transport = config).use { client ->
                coroutineScope {
                    val call = async(Dispatchers.Default) { client.m2m.clients.get("some-client") }
                    proxy.asked.await()
                    call.cancel()
                }
            }
        }
    }

    @Test
    fun `an authority of one's own is trusted when it is named`(@TempDir folder: File) = test {
        val keys = selfSigned(File(folder, "keys.p12"))
        val server = httpsServer(keys)
        try {
            val url = "https://localhost:${server.address.port}"
            val certificate = Base64.getMimeEncoder().encodeToString(keys.getCertificate("server").encoded)
            val pem = "-----BEGIN CERTIFICATE-----\n$certificate\n-----END CERTIFICATE-----\n"
            val unknown = TransportConfig(proxy = Proxy.Off)
            Client(baseUrl = url, transport = unknown).use { client ->
                failure<M2mException.Network> { client.m2m.clients.get("some-client") }
            }
            Client(baseUrl = url, transport = unknown.toBuilder().extraCaPem(pem).build()).use { client ->
                val error = failure<M2mException> { client.m2m.clients.get("some-client") }
                assertEquals(404, error.statusCode)
            }
        } finally {
            server.stop(0)
        }
    }

    private fun selfSigned(file: File): KeyStore {
        val tool = File(System.getProperty("java.home"), "bin/keytool").path
        val made = ProcessBuilder(
            listOf(tool, "-genkeypair", "-keyalg", "EC", "-alias", "server", "-dname", "CN=localhost") +
                listOf("-ext", "san=dns:localhost", "-storepass", PASSWORD, "-keystore", file.path),
        ).inheritIO().start().waitFor()
        assertEquals(0, made)
        return KeyStore.getInstance(file, PASSWORD.toCharArray())
    }

    private fun httpsServer(keys: KeyStore): HttpsServer {
        val managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm())
        managers.init(keys, PASSWORD.toCharArray())
        val context = SSLContext.getInstance("TLS").apply { init(managers.keyManagers, null, null) }
        return HttpsServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0).apply {
            httpsConfigurator = HttpsConfigurator(context)
            createContext("/") { exchange ->
                exchange.sendResponseHeaders(404, -1)
                exchange.close()
            }
            start()
        }
    }

    private companion object {
        const val PASSWORD = "password"
    }
}
