//! The names of settings, arguments and calls in messages, as Kotlin and Swift spell them.

use stytch_m2m::internals::Spelling;

/// All that have more than one word, as in `tests/surface.json`.
const NAMES: &[&str] = &[
    "accept_scope_array",
    "access_token",
    "allow_bound_tokens",
    "allow_missing_kid",
    "allow_missing_sub",
    "allow_missing_typ",
    "assertion_audience",
    "attempt_timeout",
    "authenticate_token",
    "authorization_header",
    "base_url",
    "base_urls",
    "bundled_roots",
    "client_assertion",
    "client_auth",
    "client_certificate_pem",
    "client_description",
    "client_id",
    "client_id_claims",
    "client_ids",
    "client_name",
    "client_secret",
    "clock_tolerance",
    "clock_tolerance_seconds",
    "connect_timeout",
    "export_jwks",
    "extra_ca_pem",
    "fetched_at",
    "forbidden_claims",
    "force_refresh",
    "get_token",
    "invalidate_token",
    "issuer_resolver",
    "jwks_token_file",
    "key_id",
    "max_jwks_bytes",
    "max_jwks_keys",
    "max_key_age",
    "max_token_age",
    "max_token_age_seconds",
    "max_token_lifetime",
    "missing_scopes",
    "next_client_secret",
    "organization_claim",
    "organization_id",
    "organization_key",
    "private_key",
    "project_id",
    "recover_rotation",
    "refuses_token",
    "require_any_scope",
    "require_client_subject",
    "require_typ",
    "required_claims",
    "required_scopes",
    "rotate_cancel",
    "rotate_finish",
    "rotate_start",
    "rotate_with",
    "scope_claims",
    "scope_map",
    "search_all",
    "seed_jwks",
    "signing_algorithm",
    "token_cache_capacity",
    "token_from_authorization_header",
    "token_from_authorization_headers",
    "token_store_allow_unencrypted",
    "token_store_key",
    "token_store_url",
    "token_url",
    "total_timeout",
    "trusted_metadata",
    "user_pool_id",
    "verified_token_cache_size",
    "warm_up",
    "wildcard_scopes",
    "www_authenticate",
];

/// `message` with its names of settings as `clientSecret`. What is quoted, or a part of a path or a URL,
/// stays as it is.
pub(crate) fn camel(message: &str) -> String {
    let words = message.split(' ').map(|word| {
        let name = word.trim_matches(['(', ')', ',', '.', ':', ';']);
        match NAMES.contains(&name) {
            true => word.replace(name, &in_camel(name)),
            false => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Durations are durations in these languages: their names do not say the unit.
fn in_camel(name: &str) -> String {
    Spelling::Camel.of(name.strip_suffix("_seconds").unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    #[test]
    fn the_names_are_those_of_the_surface() {
        let surface: Value =
            serde_json::from_str(include_str!("../../../tests/surface.json")).unwrap();
        let mut names =
            BTreeSet::from(["max_token_age_seconds", "clock_tolerance_seconds"].map(str::to_owned));
        for part in ["operations", "settings", "functions", "methods"] {
            collect(&surface[part], &mut names);
        }
        collect(&surface["records"]["IssuerConfig"], &mut names);
        names.retain(|name| name.contains('_'));
        assert_eq!(NAMES.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>(), names);
    }

    fn collect(value: &Value, names: &mut BTreeSet<String>) {
        match value {
            Value::String(name) => drop(names.insert(name.clone())),
            Value::Array(values) => values.iter().for_each(|value| collect(value, names)),
            Value::Object(members) => {
                names.extend(members.keys().cloned());
                members.values().for_each(|value| collect(value, names));
            }
            _ => {}
        }
    }

    #[test]
    fn settings_are_spelled_as_the_user_writes_them() {
        for (message, wanted) in [
            ("max_token_age_seconds must not be negative", "maxTokenAge must not be negative"),
            (
                "client_secret is missing: it needs private_key, client_assertion or (client_auth).",
                "clientSecret is missing: it needs privateKey, clientAssertion or (clientAuth).",
            ),
            ("set jwks_token_file: 401", "set jwksTokenFile: 401"),
        ] {
            assert_eq!(camel(message), wanted);
        }
        for same in [
            "client_auth=`client_id` of /run/client_id and https://example.com/client_id",
            "claim_missing: the claim `client_id`",
            "client_secret_post",
            "",
        ] {
            assert_eq!(camel(same), same);
        }
    }
}
