package io.github.stytchm2m.examples;

import java.util.List;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthentication;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;

/** Lets requests through whose token grants the scopes. */
final class M2mScopes {
    private M2mScopes() {}

    static AuthorizationManager<RequestAuthorizationContext> grants(M2mIntrospector introspector, String... scopes) {
        var required = List.of(scopes);
        return (authentication, context) -> {
            if (!(authentication.get() instanceof BearerTokenAuthentication bearer)) {
                return new AuthorizationDecision(false);
            }
            introspector.authenticate(bearer.getToken().getTokenValue(), required);
            return new AuthorizationDecision(true);
        };
    }
}
