//! The environment variables of the command.

/// What `--help` and the man pages say of them.
pub(crate) const ENVIRONMENT: &str = "
    STYTCH_PROJECT_ID          the project's id
    STYTCH_SECRET              the project's secret
    STYTCH_BASE_URL            your custom domain, or an emulator
    STYTCH_B2B                 1 if the project is a B2B one
    STYTCH_PROFILE             the profile to use instead of these four variables
    STYTCH_CONFIG              the file with the profiles
    STYTCH_CLIENT_ID           the client of `token get`, `template check` and `doctor`
    STYTCH_CLIENT_SECRET       its secret
    STYTCH_CLIENT_SECRET_FILE  a file with its secret, for `token get`
    STYTCH_TOKEN_URL           the token endpoint of `token get`, instead of the project's
    STYTCH_NEXT_CLIENT_SECRET  the next secret, for `secrets rotate finish`
    STYTCH_ACCESS_TOKEN        the token of `token verify` and `token inspect`
    STYTCH_PROJECT_SLUG        the project's slug, for `template`
    STYTCH_ENVIRONMENT_SLUG    the slug of the project's environment
    STYTCH_WORKSPACE_KEY_ID    a workspace key's id
    STYTCH_WORKSPACE_KEY_SECRET
                               its secret
    STYTCH_MANAGEMENT_URL      the host of the management API
    AUTH0_DOMAIN               the Auth0 tenant
    AUTH0_CLIENT_ID            the application that reads it
    AUTH0_CLIENT_SECRET        its secret
    HTTPS_PROXY, ALL_PROXY, NO_PROXY
                               which proxy requests go through, and which do not
    SSL_CERT_FILE, SSL_CERT_DIR
                               the authorities to trust instead of the system's (Linux)
    NO_COLOR                   no colours
";

/// The value of a variable that is set and not empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
