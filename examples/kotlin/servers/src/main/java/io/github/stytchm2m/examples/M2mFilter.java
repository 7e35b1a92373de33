package io.github.stytchm2m.examples;

import io.github.stytchm2m.BearerTokens;
import io.github.stytchm2m.M2mException;
import io.github.stytchm2m.Refusal;
import io.github.stytchm2m.TokenVerifier;
import io.github.stytchm2m.blocking.BlockingTokenVerifier;
import io.github.stytchm2m.options.AuthenticateOptions;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.function.BiConsumer;

/** Lets in requests with a good token, whose claims are in the attribute {@code m2mClaims}: for every servlet container. */
public final class M2mFilter extends HttpFilter {
    private final transient BlockingTokenVerifier verifier;
    private final transient BiConsumer<AuthenticateOptions, HttpServletRequest> route;

    /** Asks for more than a good token, such as {@code (options, request) -> options.requiredScopes("read:users")}. */
    public M2mFilter(TokenVerifier verifier, BiConsumer<AuthenticateOptions, HttpServletRequest> route) {
        this.verifier = new BlockingTokenVerifier(verifier);
        this.route = route;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
        throws IOException, ServletException {
        try {
            var headers = Collections.list(request.getHeaders("Authorization"));
            var token = BearerTokens.tokenFromAuthorizationHeaders(headers);
            request.setAttribute("m2mClaims", verifier.authenticateToken(token, options -> route.accept(options, request)));
        } catch (M2mException error) {
            refuse(response, error);
            return;
        }
        chain.doFilter(request, response);
    }

    /** Answers 401, 403 or 503, as the library says. */
    static void refuse(HttpServletResponse response, M2mException error) throws IOException, ServletException {
        Refusal refusal = error.getRefusal();
        if (refusal == null) {
            throw new ServletException(error); // It is not about the token, but a fault of this service.
        }
        response.setStatus(refusal.getStatus());
        refusal.getHeaders().forEach(response::setHeader);
        response.getOutputStream().write(refusal.getBody().getBytes(StandardCharsets.UTF_8));
    }
}
