package io.github.stytchm2m.examples;

import io.github.stytchm2m.M2mException;
import io.github.stytchm2m.Secret;
import io.github.stytchm2m.TokenClaims;
import io.github.stytchm2m.TokenVerifier;
import io.github.stytchm2m.blocking.BlockingTokenVerifier;
import java.util.List;
import java.util.Map;
import org.springframework.security.oauth2.core.DefaultOAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.core.OAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.server.resource.introspection.OpaqueTokenIntrospector;

/** Who is calling: Spring Security's question about a token, answered locally. */
public class M2mIntrospector implements OpaqueTokenIntrospector {
    private final BlockingTokenVerifier verifier;

    public M2mIntrospector(TokenVerifier verifier) {
        this.verifier = new BlockingTokenVerifier(verifier);
    }

    @Override
    public OAuth2AuthenticatedPrincipal introspect(String token) {
        return principal(authenticate(token, List.of()));
    }

    /** The claims of a token that grants the scopes. */
    TokenClaims authenticate(String token, List<String> requiredScopes) {
        try {
            return verifier.authenticateToken(new Secret(token), options -> options.requiredScopes(requiredScopes));
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
