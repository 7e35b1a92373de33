package io.github.stytchm2m.examples;

import io.github.stytchm2m.BearerTokens;
import io.github.stytchm2m.M2mException;
import io.github.stytchm2m.Refusal;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.AuthenticationEntryPoint;

/** Answers a refused request with 401, 403 or 503, as the library says. */
final class M2mEntryPoint implements AuthenticationEntryPoint {
    @Override
    public void commence(
        HttpServletRequest request, HttpServletResponse response, AuthenticationException failure)
        throws IOException, ServletException {
        M2mException error = failure.getCause() instanceof M2mException refused ? refused : noToken();
        Refusal refusal = error.getRefusal();
        if (refusal == null) {
            throw new ServletException(error); // It is not about the token, but a fault of this service.
        }
        response.setStatus(refusal.getStatus());
        refusal.getHeaders().forEach(response::setHeader);
        response.getOutputStream().write(refusal.getBody().getBytes(StandardCharsets.UTF_8));
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
