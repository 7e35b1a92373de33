package io.github.stytchm2m.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.stytchm2m.TokenClaims;
import io.github.stytchm2m.TokenVerifier;
import io.github.stytchm2m.blocking.BlockingClient;
import io.github.stytchm2m.options.AuthenticateOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.SpringBootVersion;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;

/** The package runs with the Kotlin that Spring Boot 3.5 brings, and no override of versions. */
final class SpringBoot3Test {
    @Test
    void theVersionsAreSpringBoots() {
        assertTrue(SpringBootVersion.getVersion().startsWith("3.5."));
        assertEquals(new kotlin.KotlinVersion(1, 9, 25), kotlin.KotlinVersion.CURRENT);
    }

    @Test
    void aGoodTokenIsAcceptedAndABadOneIsNot() throws Exception {
        var token = token();
        try (var context = application().run()) {
            assertEquals(200, get(context, "/health", null).statusCode());
            assertEquals(200, get(context, "/users", "Bearer " + token).statusCode());
            var refused = get(context, "/users", "Bearer " + token + "x");
            assertEquals(401, refused.statusCode());
            assertEquals("{\"error\":\"invalid_token\"}", refused.body());
        }
    }

    @Test
    void aMissingClassIsNoBadToken() throws Exception {
        var broken = new M2mIntrospector(new TokenVerifier(), options -> {}) {
            @Override
            TokenClaims authenticate(String token, Consumer<AuthenticateOptions> route) {
                throw new NoClassDefFoundError("kotlin/Missing");
            }
        };
        ApplicationContextInitializer<GenericApplicationContext> replaced =
            context -> context.registerBean("introspector", M2mIntrospector.class, () -> broken);
        try (var context = application().initializers(replaced).run("--spring.main.allow-bean-definition-overriding=true")) {
            assertEquals(500, get(context, "/users", "Bearer " + token()).statusCode());
        }
    }

    private static SpringApplicationBuilder application() {
        return new SpringApplicationBuilder(SpringServer.class)
            .properties("server.port=0", "server.address=127.0.0.1", "spring.main.banner-mode=off");
    }

    private static String token() {
        try (var client = new BlockingClient()) {
            var created = client.getM2m().getClients().create(List.of("read:users")).getM2mClient();
            var token = client.getM2m().token(created.getClientId(), created.getClientSecret());
            return token.getAccessToken().reveal();
        }
    }

    private static HttpResponse<String> get(
        org.springframework.context.ApplicationContext context, String path, String authorization)
        throws IOException, InterruptedException {
        var port = context.getEnvironment().getProperty("local.server.port");
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
    }
}
