package io.github.stytchm2m.examples;

import java.util.List;
import java.util.function.Supplier;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthentication;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;

/** Lets requests through whose token grants the scopes. */
final class M2mScopes implements AuthorizationManager<RequestAuthorizationContext> {
    private final M2mIntrospector introspector;
    private final List<String> required;

    M2mScopes(M2mIntrospector introspector, String... required) {
        this.introspector = introspector;
        this.required = List.of(required);
    }

    @Override
    public AuthorizationResult authorize(
        Supplier<? extends Authentication> authentication, RequestAuthorizationContext context) {
        if (!(authentication.get() instanceof BearerTokenAuthentication bearer)) {
            return new AuthorizationDecision(false);
        }
        introspector.authenticate(bearer.getToken().getTokenValue(), required);
        return new AuthorizationDecision(true);
    }
}
