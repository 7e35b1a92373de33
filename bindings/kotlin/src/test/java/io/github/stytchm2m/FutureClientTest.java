package io.github.stytchm2m;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.stytchm2m.futures.FutureClient;
import io.github.stytchm2m.futures.FutureOrganizationClient;
import io.github.stytchm2m.futures.FutureTokenSource;
import io.github.stytchm2m.futures.FutureTokenVerifier;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The package as Java sees it. */
@Timeout(60)
final class FutureClientTest {
    private static <E extends Throwable> E failure(Class<E> expected, Runnable call) {
        return assertInstanceOf(expected, assertThrows(CompletionException.class, call::run).getCause());
    }

    @Test
    void theWholeStory() {
        try (var client = new FutureClient()) {
            var name = "java " + UUID.randomUUID();
            var clients = client.getM2m().getClients();
            var created = clients.create(List.of("read:users"), options -> options.clientName(name)).join().getM2mClient();
            var id = created.getClientId();
            assertEquals(created.getClient(), clients.get(id).join().getM2mClient());

            var token = client.getM2m().token(id, created.getClientSecret()).join();
            var access = token.getAccessToken();
            var claims = client.getM2m().authenticateToken(access, options -> options.requiredScopes("read:users")).join();
            assertEquals(id, claims.getClientId());
            var lacking = failure(
                M2mException.InsufficientScope.class,
                () -> client.getM2m().authenticateToken(access, options -> options.requiredScopes("delete:users")).join());
            assertEquals(List.of("delete:users"), lacking.getMissingScopes());
            client.getM2m()
                .authenticateToken(access, options -> options.requiredScopes("delete:users").authorize((all, required) -> true))
                .join();

            var found = new ArrayList<String>();
            var byName = new SearchQuery(List.of(new SearchFilter.ClientName(List.of(name))));
            clients.searchAll(each -> found.add(each.getClientId()), options -> options.query(byName)).join();
            assertEquals(List.of(id), found);
            assertEquals(1, clients.search(options -> options.query(byName)).join().getResultsMetadata().getTotal());

            var next = clients.getSecrets().rotateStart(id).join().getM2mClient().getNextClientSecret();
            clients.getSecrets().rotate(id).join();
            failure(M2mException.Conflict.class, () -> clients.getSecrets().rotateCancel(id).join());
            client.getM2m().token(id, next).join();

            assertEquals(client.stats().getKeys(), client.getM2m().getVerifier().stats());
            client.getM2m().invalidateToken(token.getAccessToken());
            clients.update(id, options -> options.status(ClientStatus.INACTIVE)).join();
            failure(
                M2mException.Authentication.class,
                () -> client.getM2m().token(id, next, options -> options.forceRefresh(true)).join());
            assertEquals(id, clients.delete(id).join().getClientId());
        }
    }

    @Test
    void aSourceAndAVerifier() {
        try (var client = new FutureClient();
            var verifier = new FutureTokenVerifier(new TokenVerifier())) {
            verifier.warmUp().join();
            var created = client.getM2m().getClients().create(List.of()).join().getM2mClient();
            try (var source =
                new FutureTokenSource(TokenSource.builder(created.getClientId(), created.getClientSecret()).build())) {
                var token = source.getToken().join();
                assertEquals(
                    "Bearer " + token.getAccessToken().reveal(),
                    source.authorizationHeader().join().reveal());
                var claims = verifier.authenticateToken(token.getAccessToken()).join();
                assertEquals(created.getClientId(), claims.getClientId());
                assertTrue(claims.getCustomClaims().toMap().isEmpty());
                source.invalidate(token.getAccessToken());
                source.getToken().join();
                assertEquals(2, source.stats().getRefreshes());
            }
            assertEquals(KeySetState.FRESH, verifier.health().get(0).getState());
            var keySet = verifier.exportJwks().get(0);
            verifier.seedJwks(keySet.getJwks(), keySet.getFetchedAt());
            assertEquals(1, verifier.stats().getRefreshes());
            assertEquals(2, Emulator.INSTANCE.tokenRequests(created.getClientId()));
        }
    }

    @Test
    void rotations() {
        try (var client = new FutureClient()) {
            var clients = client.getM2m().getClients();
            var secrets = clients.getSecrets();
            var created = clients.create(List.of(), options -> options.idempotent(true)).join().getM2mClient();
            var id = created.getClientId();

            secrets.rotateStart(id).join();
            var next = secrets.recoverRotation(id).join().getM2mClient().getNextClientSecret();
            secrets.rotateFinish(id, next).join();

            var stored = new AtomicReference<Secret>();
            secrets.rotateWith(id, secret -> CompletableFuture.runAsync(() -> stored.set(secret))).join();
            client.getM2m().token(id, stored.get()).join();

            var own = new IllegalStateException("the vault is closed");
            var thrown = failure(
                IllegalStateException.class,
                () -> secrets.rotateWith(id, secret -> CompletableFuture.failedFuture(own)).join());
            assertEquals(own.getMessage(), thrown.getMessage());
            assertNull(clients.get(id).join().getM2mClient().getNextClientSecretLastFour());
        }
    }

    @Test
    void anOrganization() {
        var authorization = new Secret("Bearer " + Emulator.INSTANCE.organizationAuthorization());
        try (var organization = new FutureOrganizationClient(
            new OrganizationClient(Emulator.INSTANCE.getBaseUrl(), authorization))) {
            assertFalse(organization.clientId().join().isEmpty());
            var token = organization.token().join();
            assertEquals(token.getAccessToken(), organization.token().join().getAccessToken());
            assertEquals(organization.rotate().join(), organization.clientSecret().join());
            assertEquals(1, organization.stats().getRefreshes());
        }
    }

    @Test
    void settingsAreCheckedAtOnce() {
        var error = assertThrows(M2mException.InvalidConfig.class, () -> Client.builder().projectId("").build());
        assertEquals("project_id", error.getField());
    }
}
