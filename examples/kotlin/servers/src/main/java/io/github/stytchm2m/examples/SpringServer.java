package io.github.stytchm2m.examples;

import static org.springframework.security.config.Customizer.withDefaults;

import io.github.stytchm2m.RequiredOrganization;
import io.github.stytchm2m.TokenVerifier;
import jakarta.servlet.DispatcherType;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A service with a route for everyone, one for clients that may read users, and one for those with either of two scopes. */
@SpringBootApplication
@RestController
public class SpringServer {
    public static void main(String[] arguments) {
        SpringApplication.run(SpringServer.class, arguments);
    }

    @GetMapping("/health")
    String health() {
        return "ok";
    }

    @GetMapping({"/users", "/reports", "/{tenant}/users"})
    String users(Authentication authentication) {
        return "hello, " + authentication.getName();
    }

    // [security]
    /** STYTCH_PROJECT_ID, STYTCH_BASE_URL. */
    @Bean
    @ConditionalOnMissingBean
    TokenVerifier tokenVerifier() {
        return new TokenVerifier();
    }

    @Bean
    @ConditionalOnMissingBean
    M2mIntrospector introspector(TokenVerifier verifier) {
        return new M2mIntrospector(verifier, options -> {});
    }

    @Bean
    SecurityFilterChain security(HttpSecurity http, M2mIntrospector introspector) throws Exception {
        return http
            .authorizeHttpRequests(requests -> requests
                // Or else a fault of this service would be answered 401, as a bad token is.
                .dispatcherTypeMatchers(DispatcherType.ERROR).permitAll()
                .requestMatchers("/health").permitAll()
                .requestMatchers("/users").access(M2mScopes.grants(introspector, "read:users"))
                .requestMatchers("/reports").access(M2mScopes.accepts(introspector, (options, context) -> options
                    .requiredScopes("read:reports", "read:users")
                    .authorize((claims, any) -> claims.missingScopes(any).size() < any.size())))
                .requestMatchers("/{tenant}/users").access(M2mScopes.accepts(introspector, (options, context) -> options
                    .organization(RequiredOrganization.exactly(context.getVariables().get("tenant")))))
                .anyRequest().denyAll())
            .exceptionHandling(refused -> refused.authenticationEntryPoint(new M2mEntryPoint()))
            .oauth2ResourceServer(server -> server
                .bearerTokenResolver(new M2mTokenResolver())
                .authenticationEntryPoint(new M2mEntryPoint())
                .opaqueToken(withDefaults()))
            .build();
    }
    // [end]
}
