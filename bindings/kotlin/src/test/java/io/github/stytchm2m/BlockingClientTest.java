package io.github.stytchm2m;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.stytchm2m.blocking.BlockingClient;
import io.github.stytchm2m.blocking.BlockingOrganizationClient;
import io.github.stytchm2m.blocking.BlockingTokenSource;
import io.github.stytchm2m.blocking.BlockingTokenVerifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The blocking package, as Java sees it. */
@Timeout(60)
final class BlockingClientTest {
    @Test
    void theWholeStory() {
        try (var client = new BlockingClient()) {
            var name = "java " + UUID.randomUUID();
            var clients = client.getM2m().getClients();
            var created = clients.create(List.of("read:users"), options -> options.clientName(name)).getM2mClient();
            var id = created.getClientId();
            assertEquals(created.getClient(), clients.get(id).getM2mClient());

            var token = client.getM2m().token(id, created.getClientSecret()).getAccessToken();
            var claims = client.getM2m().authenticateToken(token, options -> options.requiredScopes("read:users"));
            assertEquals(id, claims.getClientId());
            try {
                client.getM2m().authenticateToken(token, options -> options.requiredScopes("delete:users"));
                throw new AssertionError("a scope that is lacking");
            } catch (M2mException.InsufficientScope lacking) {
                assertEquals(List.of("delete:users"), lacking.getMissingScopes());
            }
            assertThrows(
                M2mException.InvalidToken.class,
                () -> client.getM2m().authenticateToken(token, options -> options.maxTokenAge(Duration.ZERO)));
            client.getM2m().authenticateToken(token, options -> options.authorize((all, required) -> true));

            var byName = new SearchQuery(List.of(new SearchFilter.ClientName(List.of(name))));
            var found = new ArrayList<String>();
            for (var each : clients.searchAll(options -> options.query(byName).limit(1))) {
                found.add(each.getClientId());
            }
            assertEquals(List.of(id), found);
            assertEquals(1, clients.search(options -> options.query(byName)).getResultsMetadata().getTotal());

            var stored = new AtomicReference<Secret>();
            clients.getSecrets().rotateWith(id, stored::set);
            client.getM2m().token(id, stored.get());
            var own = new IllegalStateException("the vault is closed");
            var thrown = assertThrows(
                IllegalStateException.class,
                () -> clients.getSecrets().rotateWith(id, next -> {
                    throw own;
                }));
            assertEquals(own.getMessage(), thrown.getMessage());
            clients.update(id, options -> options.status(ClientStatus.INACTIVE));
            assertEquals(id, clients.delete(id).getClientId());
        }
    }

    @Test
    void aSourceAVerifierAndAnOrganization() {
        try (var client = new BlockingClient();
            var verifier = new BlockingTokenVerifier(new TokenVerifier())) {
            verifier.warmUp();
            var created = client.getM2m().getClients().create(List.of()).getM2mClient();
            var settings = TokenSource.builder(created.getClientId(), created.getClientSecret());
            try (var source = new BlockingTokenSource(settings.build())) {
                var token = source.getToken();
                assertEquals("Bearer " + token.getAccessToken().reveal(), source.authorizationHeader().reveal());
                assertEquals(created.getClientId(), verifier.authenticateToken(token.getAccessToken()).getClientId());
            }
            assertEquals(KeySetState.FRESH, verifier.health().get(0).getState());
        }
        var authorization = new Secret("Bearer " + Emulator.INSTANCE.organizationAuthorization());
        try (var organization =
            new BlockingOrganizationClient(new OrganizationClient(Emulator.INSTANCE.getBaseUrl(), authorization))) {
            assertFalse(organization.clientId().isEmpty());
            assertEquals(organization.rotate(), organization.clientSecret());
            organization.token();
        }
    }

    @Test
    void anInterruptEndsTheWait() throws Exception {
        try (var silent = new SilentServer();
            var client = new BlockingClient(Client.builder().baseUrl(silent.getBaseUrl()).build())) {
            var seen = new AtomicReference<Throwable>();
            var interrupted = new AtomicReference<Boolean>();
            var thread = new Thread(() -> {
                seen.set(assertThrows(M2mException.Cancelled.class, () -> client.getM2m().getClients().get("some-client")));
                interrupted.set(Thread.currentThread().isInterrupted());
            });
            thread.start();
            silent.awaitRequest();
            thread.interrupt();
            thread.join();
            assertEquals("cancelled", ((M2mException) seen.get()).getCode());
            assertTrue(interrupted.get());
        }
    }

    @Test
    void claimsHaveNamesThatJavaCanCall() {
        var claims = new CustomClaims("{\"number\":1,\"yes\":true,\"text\":\"x\",\"real\":1.5}");
        assertEquals(1L, claims.getLong("number"));
        assertEquals(true, claims.getBoolean("yes"));
        assertEquals(1.5, claims.getDouble("real"));
        assertEquals("x", claims.getString("text"));
    }
}
