package io.github.stytchm2m.examples;

import io.github.stytchm2m.M2mException;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;

/** The request's token is refused, or could not be verified; the cause says what to answer. */
final class M2mRefused extends OAuth2AuthenticationException {
    M2mRefused(M2mException cause) {
        super(new OAuth2Error(cause.getCode()), cause);
    }
}
