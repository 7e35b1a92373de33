package com.stytch.m2m.examples;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.oauth2.server.resource.web.BearerTokenAuthenticationEntryPoint;
import org.springframework.security.web.AuthenticationEntryPoint;

/** 503 where the keys could not be had, which is not the caller's fault; else Spring's 401. */
final class M2mEntryPoint implements AuthenticationEntryPoint {
    private final AuthenticationEntryPoint refused = new BearerTokenAuthenticationEntryPoint();

    @Override
    public void commence(
        HttpServletRequest request, HttpServletResponse response, AuthenticationException failure)
        throws java.io.IOException, jakarta.servlet.ServletException {
        if (failure instanceof M2mIntrospector.Unavailable) {
            response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        } else {
            refused.commence(request, response, failure);
        }
    }
}
