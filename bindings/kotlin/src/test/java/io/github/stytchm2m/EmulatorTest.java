package io.github.stytchm2m;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.stytchm2m.blocking.BlockingClient;
import io.github.stytchm2m.blocking.BlockingTokenVerifier;
import io.github.stytchm2m.testing.Emulator;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The emulator that the package starts for tests. */
@Timeout(60)
final class EmulatorTest {
    @Test
    void itTestsAService() {
        // [emulator]
        var seed = "{\"clients\": [{\"client_id\": \"billing\", \"client_secret\": \"a-secret-for-tests-0123456789\","
            + " \"scopes\": [\"read:invoices\"]}]}";
        try (var emulator = Emulator.start(seed)) {
            var issuer = IssuerConfig.stytch(emulator.getProjectId(), emulator.getBaseUrl());
            var verifier = new BlockingTokenVerifier(new TokenVerifier(List.of(issuer)));

            var good = emulator.issueToken("billing");
            verifier.authenticateToken(good, options -> options.requiredScopes("read:invoices"));

            var expired = emulator.issueToken("billing", null, null, "{\"issued_at_offset_seconds\": -7200}");
            var refused = assertThrows(M2mException.InvalidToken.class, () -> verifier.authenticateToken(expired));
            assertEquals(401, refused.getHttpStatus());

            emulator.addFault("{\"type\": \"status\", \"status\": 503}", "jwks", null, Duration.ofMinutes(1));
            var cold = new BlockingTokenVerifier(new TokenVerifier(List.of(issuer)));
            var down = assertThrows(M2mException.KeysUnavailable.class, () -> cold.authenticateToken(good));
            assertEquals(503, down.getHttpStatus());
        }
        // [end]
    }

    @Test
    void itCountsRequestsAndStartsOver() {
        try (var emulator = Emulator.start();
            var client = new BlockingClient(emulator.clientBuilder().build())) {
            var created = client.getM2m().getClients().create(List.of("read:users")).getM2mClient();
            var id = created.getClientId();
            client.getM2m().token(id, created.getClientSecret());
            client.getM2m().token(id, created.getClientSecret());
            assertEquals(1, emulator.tokenRequests(id));
            assertEquals(1, emulator.counts().get("token"));
            assertTrue(emulator.requests("create").contains("\"create\""), emulator.requests());

            emulator.setTokenSettings("{\"lifetime_seconds\": 120}");
            emulator.setRateLimit("{\"requests\": 1, \"per_seconds\": 60}");
            emulator.setRateLimit(null);
            emulator.rotateKeys();
            emulator.retireKeys();
            emulator.clearFaults();
            assertTrue(emulator.credentials().reveal().contains("organization"));
            emulator.reset();
            assertEquals(0, emulator.counts().get("token"));
            assertEquals(emulator.getBaseUrl(), emulator.getEnvironment().get("STYTCH_BASE_URL"));
            assertFalse(emulator.toString().contains(emulator.getSecret().reveal()));
        }
    }

    @Test
    void whatIsWrongIsNamed() {
        var seed = assertThrows(IllegalArgumentException.class, () -> Emulator.start("{\"clientz\": []}"));
        assertTrue(seed.getMessage().contains("clientz"), seed.getMessage());
        var project = assertThrows(IllegalStateException.class, () -> Emulator.start(null, "no project"));
        assertTrue(project.getMessage().contains("project"), project.getMessage());
        var program = assertThrows(
            IllegalStateException.class, () -> Emulator.start(null, null, null, Path.of("/no/emulator")));
        assertTrue(program.getMessage().contains("/no/emulator"), program.getMessage());
    }
}
