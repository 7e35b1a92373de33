package io.github.stytchm2m.examples;

import io.github.stytchm2m.BearerTokens;
import io.github.stytchm2m.M2mException;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.AuthenticationEntryPoint;

/** Answers a refused request with 401, 403 or 503, as the library says. */
final class M2mEntryPoint implements AuthenticationEntryPoint {
    @Override
    public void commence(
        HttpServletRequest request, HttpServletResponse response, AuthenticationException failure)
        throws IOException, ServletException {
        M2mFilter.refuse(response, failure.getCause() instanceof M2mException refused ? refused : noToken());
    }

    private static M2mException noToken() {
        try {
            BearerTokens.tokenFromAuthorizationHeaders(List.of());
            throw new IllegalStateException("a token without a header");
        } catch (M2mException missing) {
            return missing;
        }
    }
}
