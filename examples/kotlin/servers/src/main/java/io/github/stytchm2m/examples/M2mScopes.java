package io.github.stytchm2m.examples;

import io.github.stytchm2m.options.AuthenticateOptions;
import java.util.function.Consumer;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthentication;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;

/** Lets requests through whose token grants the scopes. */
final class M2mScopes {
    private M2mScopes() {}

    static AuthorizationManager<RequestAuthorizationContext> grants(M2mIntrospector introspector, String... scopes) {
        return accepts(introspector, options -> options.requiredScopes(scopes));
    }

    /** With more than scopes: {@code authorize} replaces their comparison. */
    static AuthorizationManager<RequestAuthorizationContext> accepts(
        M2mIntrospector introspector, Consumer<AuthenticateOptions> route) {
        return (authentication, context) -> {
            if (!(authentication.get() instanceof BearerTokenAuthentication bearer)) {
                return new AuthorizationDecision(false);
            }
            introspector.authenticate(bearer.getToken().getTokenValue(), route);
            return new AuthorizationDecision(true);
        };
    }
}
