package com.stytch.m2m.examples;

import com.stytch.m2m.M2mException;
import com.stytch.m2m.TokenClaims;
import com.stytch.m2m.TokenVerifier;
import com.stytch.m2m.futures.FutureTokenVerifier;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.oauth2.core.DefaultOAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.core.OAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.server.resource.introspection.BadOpaqueTokenException;
import org.springframework.security.oauth2.server.resource.introspection.OpaqueTokenIntrospector;

/** Spring Security's question about a token, answered locally. Scopes become authorities, {@code SCOPE_...}. */
public final class M2mIntrospector implements OpaqueTokenIntrospector {
    /** The token could not be judged: the caller should come again. */
    static final class Unavailable extends AuthenticationException {
        Unavailable(M2mException cause) {
            super("tokens cannot be verified now", cause);
        }
    }

    private final FutureTokenVerifier verifier;

    public M2mIntrospector(TokenVerifier verifier) {
        this.verifier = new FutureTokenVerifier(verifier);
    }

    @Override
    public OAuth2AuthenticatedPrincipal introspect(String token) {
        try {
            return principal(verifier.authenticateToken(token).join());
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof M2mException.InvalidToken refused) {
                throw new BadOpaqueTokenException("invalid token", refused);
            }
            if (failure.getCause() instanceof M2mException error) {
                throw new Unavailable(error);
            }
            throw failure;
        }
    }

    private static OAuth2AuthenticatedPrincipal principal(TokenClaims claims) {
        List<GrantedAuthority> authorities = claims.getScopes().stream()
            .<GrantedAuthority>map(scope -> new SimpleGrantedAuthority("SCOPE_" + scope))
            .toList();
        Map<String, Object> attributes = Map.of("sub", claims.getClientId(), "claims", claims);
        return new DefaultOAuth2AuthenticatedPrincipal(claims.getClientId(), attributes, authorities);
    }
}
