package io.github.stytchm2m.examples;

import io.github.stytchm2m.M2mException;
import io.github.stytchm2m.Secret;
import io.github.stytchm2m.TokenClaims;
import io.github.stytchm2m.TokenVerifier;
import io.github.stytchm2m.blocking.BlockingTokenVerifier;
import io.github.stytchm2m.options.AuthenticateOptions;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.springframework.security.oauth2.core.DefaultOAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.core.OAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.server.resource.introspection.OpaqueTokenIntrospector;

/** Who is calling: Spring Security's question about a token, answered locally. */
public class M2mIntrospector implements OpaqueTokenIntrospector {
    private final BlockingTokenVerifier verifier;
    private final Consumer<AuthenticateOptions> everywhere;

    /** With what is asked of every token, such as {@code options -> options.maxTokenAge(limit)}. */
    public M2mIntrospector(TokenVerifier verifier, Consumer<AuthenticateOptions> everywhere) {
        this.verifier = new BlockingTokenVerifier(verifier);
        this.everywhere = everywhere;
    }

    @Override
    public OAuth2AuthenticatedPrincipal introspect(String token) {
        return principal(authenticate(token, options -> {}));
    }

    /** The claims of a token that is good enough for a route, too. */
    TokenClaims authenticate(String token, Consumer<AuthenticateOptions> route) {
        try {
            return verifier.authenticateToken(new Secret(token), everywhere.andThen(route));
        } catch (M2mException refused) {
            throw new M2mRefused(refused);
        }
    }

    /** Without authorities: which scopes a token grants is not a comparison of texts, since {@code read:*} grants more. */
    private static OAuth2AuthenticatedPrincipal principal(TokenClaims claims) {
        Map<String, Object> attributes = Map.of("sub", claims.getClientId(), "claims", claims);
        return new DefaultOAuth2AuthenticatedPrincipal(claims.getClientId(), attributes, List.of());
    }
}
