//! The native module `stytch_m2m._native`, below the Python package that users see.

#![forbid(unsafe_code)]

mod bearer;
mod call;
mod caller;
mod client;
mod error;
mod function;
mod handle;
mod hidden;
mod lock;
mod logging;
mod modules;
mod organization;
mod records;
mod resolver;
mod resource;
mod runtime;
mod secret;
mod source;
mod verifier;

#[pyo3::pymodule]
mod _native {
    #[pymodule_export]
    use crate::bearer::{
        Origins, check_organization, missing_scopes, refuses_token,
        token_from_authorization_header, token_from_authorization_headers,
    };
    #[pymodule_export]
    use crate::call::{Call, Task};
    #[pymodule_export]
    use crate::client::{Client, SearchAll};
    #[pymodule_export]
    use crate::error::{insufficient_scope, sample_errors};
    #[pymodule_export]
    use crate::hidden::Hidden;
    #[pymodule_export]
    use crate::modules::modules;
    #[pymodule_export]
    use crate::organization::OrganizationClient;
    #[pymodule_export]
    use crate::records::claims::{Claims, Field};
    #[pymodule_export]
    use crate::records::issuer::{
        auth0_issuer, entra_issuer, oauth_issuer, provider_issuer, stytch_issuer,
    };
    #[pymodule_export]
    use crate::resource::protected_resource;
    #[pymodule_export]
    use crate::runtime::exit::after_fork;
    #[pymodule_export]
    use crate::runtime::shut_down;
    #[pymodule_export]
    use crate::source::TokenSource;
    #[pymodule_export]
    use crate::verifier::TokenVerifier;

    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "Python's name")]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    #[pymodule_init]
    fn init() {
        crate::logging::install();
    }
}
