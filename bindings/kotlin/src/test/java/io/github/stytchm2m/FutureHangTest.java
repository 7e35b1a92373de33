package io.github.stytchm2m;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.stytchm2m.futures.FutureClient;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is hung on a future may wait for another, on however few cores. */
@Timeout(30)
final class FutureHangTest {
    /** More than there are threads for work that is spread over the cores. */
    private static final int CALLS = 2 * Math.max(2, Runtime.getRuntime().availableProcessors()) + 60;

    private static <T> List<T> all(IntFunction<CompletableFuture<T>> call) throws Exception {
        var calls = IntStream.range(0, CALLS).mapToObj(call).collect(Collectors.toList());
        CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
        return calls.stream().map(CompletableFuture::join).collect(Collectors.toList());
    }

    @Test
    void requestsThatJoinInAThenApplyEnd() throws Exception {
        try (var client = new FutureClient()) {
            var clients = client.getM2m().getClients();
            var id = clients.create(List.of()).join().getM2mClient().getClientId();
            var seen = all(number -> clients.get(id).thenApply(first -> clients.get(id).join().getM2mClient().getClientId()));
            assertEquals(List.of(id), seen.stream().distinct().collect(Collectors.toList()));
        }
    }

    @Test
    void predicatesThatJoinEnd() throws Exception {
        try (var client = new FutureClient()) {
            var m2m = client.getM2m();
            var created = m2m.getClients().create(List.of("read:users")).join().getM2mClient();
            var id = created.getClientId();
            var token = m2m.token(id, created.getClientSecret()).join().getAccessToken();
            all(number -> m2m.authenticateToken(
                token,
                options -> options.authorize((claims, required) ->
                    m2m.getClients().get(id).join().getM2mClient().getClientId().equals(claims.getClientId()))));
        }
    }
}
