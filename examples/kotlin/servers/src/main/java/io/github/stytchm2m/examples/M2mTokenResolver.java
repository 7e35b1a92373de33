package io.github.stytchm2m.examples;

import io.github.stytchm2m.BearerTokens;
import io.github.stytchm2m.InvalidTokenReason;
import io.github.stytchm2m.M2mException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.server.resource.web.BearerTokenResolver;

/** The token of a request. Spring's own resolver reads the first of two Authorization headers; this one refuses both. */
final class M2mTokenResolver implements BearerTokenResolver {
    @Override
    public String resolve(HttpServletRequest request) {
        try {
            var headers = Collections.list(request.getHeaders(HttpHeaders.AUTHORIZATION));
            return BearerTokens.tokenFromAuthorizationHeaders(headers).reveal();
        } catch (M2mException refused) {
            if (refused.getReason() == InvalidTokenReason.MISSING) {
                return null; // Whether the route needs a token is for Spring to say.
            }
            throw new M2mRefused(refused);
        }
    }
}
