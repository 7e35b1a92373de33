package io.github.stytchm2m.examples;

import io.github.stytchm2m.options.AuthenticateOptions;
import java.util.function.BiConsumer;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthentication;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;

/** Lets requests through whose token grants the scopes. */
final class M2mScopes {
    private M2mScopes() {}

    static AuthorizationManager<RequestAuthorizationContext> grants(M2mIntrospector introspector, String... scopes) {
        return accepts(introspector, (options, context) -> options.requiredScopes(scopes));
    }

    /**
     * With more than scopes: {@code authorize} replaces their comparison, and
     * {@code options.organization(RequiredOrganization.exactly(context.getVariables().get("tenant")))} asks for the
     * customer in the path.
     */
    static AuthorizationManager<RequestAuthorizationContext> accepts(
        M2mIntrospector introspector, BiConsumer<AuthenticateOptions, RequestAuthorizationContext> route) {
        return (authentication, context) -> {
            if (!(authentication.get() instanceof BearerTokenAuthentication bearer)) {
                return new AuthorizationDecision(false);
            }
            introspector.authenticate(bearer.getToken().getTokenValue(), options -> route.accept(options, context));
            return new AuthorizationDecision(true);
        };
    }
}
