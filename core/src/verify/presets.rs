//! Settings for the issuers that people have. Each accepts what the provider documents for a
//! client's own access token, and refuses its ID tokens and its users' tokens.

use std::collections::HashMap;

use super::entra;
use super::issuer::{IssuerConfig, KeySource};
use crate::discovery::IssuerUrl;
use crate::error::{Error, Result};

impl IssuerConfig {
    /// Settings for an Amazon Cognito user pool, such as `eu-west-1_AbCdEf123`. Its access tokens
    /// have no `aud`, so the app clients to accept are in `client_ids`.
    ///
    /// # Errors
    /// `invalid_config`, naming the field.
    pub fn cognito(user_pool_id: &str, client_ids: &[String]) -> Result<Self> {
        let region = match user_pool_id.split_once('_') {
            Some((region, id)) if is_label(region) && is_alphanumeric(id) => region,
            _ => return Err(bad("user_pool_id", "must be an id such as eu-west-1_AbCdEf123")),
        };
        let host = |name: &str| format!("https://{name}.{region}.amazonaws.com/{user_pool_id}");
        let issuers = vec![host("cognito-idp"), host("issuer-cognito-idp")];
        let jwks = format!("{}/.well-known/jwks.json", host("cognito-idp"));
        Ok(Self {
            client_ids: some_clients(client_ids)?,
            client_id_claims: names(&["client_id"]),
            forbidden_claims: names(&["username"]),
            required_claims: [("token_use".to_owned(), "access".to_owned())].into(),
            require_client_subject: true,
            allow_missing_typ: true,
            ..Self::strict(issuers, Vec::new(), KeySource::Url(jwks))
        })
    }

    /// Settings for one tenant of Microsoft Entra ID: `tenant` is its id (a GUID), `audience` the
    /// API's application id or its application ID URI. Tokens of version 1.0 and 2.0 are accepted.
    /// The scopes are the application's `roles`; a token without any is refused, because Entra
    /// issues such a token to every application of the tenant.
    ///
    /// For several tenants, see [`entra_tenants`](Self::entra_tenants) and
    /// [`IssuerResolver::entra`](crate::IssuerResolver::entra).
    ///
    /// # Errors
    /// `invalid_config`, naming the field.
    pub fn entra(tenant: &str, audience: &str) -> Result<Self> {
        Self::entra_tenants(&[tenant.to_owned()], audience)
    }

    /// Settings for these tenants of Microsoft Entra ID, as [`entra`](Self::entra). They share one
    /// key set: a token's `tid` must be the tenant in its `iss`, and a key whose `issuer` names
    /// another tenant is not its key.
    ///
    /// # Errors
    /// `invalid_config`, naming the field.
    pub fn entra_tenants(tenants: &[String], audience: &str) -> Result<Self> {
        if tenants.is_empty() {
            return Err(bad("tenant", "must list at least one tenant"));
        }
        if !tenants.iter().all(|tenant| entra::is_guid(tenant)) {
            let message = "must be the tenant's id, a GUID: its tokens do not have its domain name";
            return Err(bad("tenant", message));
        }
        let mut tenants: Vec<_> = tenants.iter().map(|id| id.to_ascii_lowercase()).collect();
        tenants.sort_unstable();
        tenants.dedup();
        let mut audiences = vec![audience.to_owned()];
        // Tokens of version 2.0 have the application's id, whatever was requested. The reverse does
        // not hold: another application of the tenant may have registered `api://` with this id.
        if let Some(id) = audience.strip_prefix("api://").filter(|id| entra::is_guid(id)) {
            audiences.push(id.to_owned());
        }
        let (jwks, required_claims) = match tenants.as_slice() {
            [tenant] => (entra::jwks_url(tenant), [("tid".to_owned(), tenant.clone())].into()),
            _ => (entra::common_jwks_url(), HashMap::new()),
        };
        let issuers = tenants.iter().flat_map(|tenant| entra::issuers(tenant)).collect();
        Ok(Self {
            client_id_claims: names(&["azp", "appid"]),
            scope_claims: names(&["roles"]),
            organization_claim: Some("tid".to_owned()),
            accept_scope_array: true,
            require_any_scope: true,
            forbidden_claims: names(&["scp"]),
            required_claims,
            ..Self::strict(issuers, audiences, KeySource::Url(jwks))
        })
    }

    /// Settings for a custom authorization server of Okta, such as
    /// `https://example.okta.com/oauth2/default`. Tokens of the organization's own server are for
    /// Okta's API alone.
    ///
    /// # Errors
    /// `invalid_config`, naming the field.
    pub fn okta(issuer: &str, audience: &str) -> Result<Self> {
        if !issuer.contains("/oauth2/") {
            let message = "must be a custom authorization server's, such as \
                           https://example.okta.com/oauth2/default";
            return Err(bad("issuer", message));
        }
        Ok(Self {
            client_id_claims: names(&["cid"]),
            scope_claims: names(&["scp"]),
            accept_scope_array: true,
            forbidden_claims: names(&["uid"]),
            require_client_subject: true,
            allow_missing_typ: true,
            ..Self::discovered(issuer, audience)?
        })
    }

    /// Settings for a realm of Keycloak 21 or later, such as `https://sso.example.com/realms/main`.
    /// The scopes are those in `scope` and the client roles of `audience`, which is the API's
    /// client id. Service accounts need the client scope `service_account`, whose `client_id` tells
    /// them from users. Keycloak adds it to a client that gets a service account; an imported realm
    /// may lack it.
    ///
    /// # Errors
    /// `invalid_config`, naming the field.
    pub fn keycloak(issuer: &str, audience: &str) -> Result<Self> {
        Ok(Self {
            client_id_claims: names(&["client_id", "clientId"]),
            scope_claims: names(&["scope", "resource_access.{audience}.roles"]),
            accept_scope_array: true,
            required_claims: [("typ".to_owned(), "Bearer".to_owned())].into(),
            allow_missing_sub: true,
            ..Self::discovered(issuer, audience)?
        })
    }

    /// Settings for Google's ID tokens of service accounts. Anyone's service account can get a token
    /// for any audience, so `client_ids` lists the service accounts to accept, by their unique ids.
    ///
    /// # Errors
    /// `invalid_config`, naming the field.
    pub fn google(audience: &str, client_ids: &[String]) -> Result<Self> {
        let jwks = KeySource::Url("https://www.googleapis.com/oauth2/v3/certs".to_owned());
        let issuer = "https://accounts.google.com".to_owned();
        Ok(Self {
            client_ids: some_clients(client_ids)?,
            client_id_claims: names(&["azp"]),
            scope_claims: Vec::new(),
            require_client_subject: true,
            ..Self::strict(vec![issuer], vec![audience.to_owned()], jwks)
        })
    }

    /// Settings for Ory Hydra with `strategies.access_token: jwt`. `issuer` is `urls.self.issuer`
    /// exactly, with its slash if it has one.
    ///
    /// # Errors
    /// `invalid_config`, naming the field.
    pub fn hydra(issuer: &str, audience: &str) -> Result<Self> {
        Ok(Self {
            client_id_claims: names(&["client_id"]),
            scope_claims: names(&["scp"]),
            accept_scope_array: true,
            require_client_subject: true,
            ..Self::discovered(issuer, audience)?
        })
    }

    /// Settings for a Zitadel instance with JWT access tokens: `audience` is the project's id. Its
    /// tokens do not tell a machine from a user, so `client_ids` lists the service users to accept.
    /// The scopes are the names of the project's roles.
    ///
    /// # Errors
    /// `invalid_config`, naming the field.
    pub fn zitadel(issuer: &str, audience: &str, client_ids: &[String]) -> Result<Self> {
        Ok(Self {
            client_ids: some_clients(client_ids)?,
            client_id_claims: names(&["client_id"]),
            scope_claims: vec![format!("urn:zitadel:iam:org:project:{audience}:roles.*")],
            organization_claim: Some("urn:zitadel:iam:user:resourceowner:id".to_owned()),
            ..Self::discovered(issuer, audience)?
        })
    }

    /// Settings for Duende IdentityServer. A client's own tokens have no `sub`.
    ///
    /// # Errors
    /// `invalid_config`, naming the field.
    pub fn duende(issuer: &str, audience: &str) -> Result<Self> {
        Ok(Self {
            client_id_claims: names(&["client_id"]),
            accept_scope_array: true,
            allow_missing_sub: true,
            forbidden_claims: names(&["sub"]),
            require_typ: Some("at+jwt".to_owned()),
            ..Self::discovered(issuer, audience)?
        })
    }

    /// Settings for service account tokens of a Kubernetes cluster: `issuer` is its
    /// `--service-account-issuer`. The client is `system:serviceaccount:<namespace>:<name>`. Most
    /// clusters publish their keys only to callers with a token: set
    /// [`jwks_token_file`](Self::jwks_token_file).
    ///
    /// # Errors
    /// `invalid_config`, naming the field.
    pub fn kubernetes(issuer: &str, audience: &str) -> Result<Self> {
        IssuerUrl::parse("issuer", issuer)?;
        // Its discovery document needs the token, too.
        let jwks = format!("{}/openid/v1/jwks", issuer.trim_end_matches('/'));
        Ok(Self {
            client_id_claims: names(&["sub"]),
            scope_claims: Vec::new(),
            allow_missing_typ: true,
            allow_missing_kid: false,
            ..Self::strict(vec![issuer.to_owned()], vec![audience.to_owned()], KeySource::Url(jwks))
        })
    }

    /// An issuer whose keys are where its discovery document says.
    fn discovered(issuer: &str, audience: &str) -> Result<Self> {
        IssuerUrl::parse("issuer", issuer)?;
        let keys = KeySource::Discovery(issuer.to_owned());
        Ok(Self::strict(vec![issuer.to_owned()], vec![audience.to_owned()], keys))
    }
}

fn names(claims: &[&str]) -> Vec<String> {
    claims.iter().map(|&claim| claim.to_owned()).collect()
}

fn some_clients(client_ids: &[String]) -> Result<Vec<String>> {
    match client_ids.is_empty() {
        true => Err(bad("client_ids", "must list the clients whose tokens are accepted")),
        false => Ok(client_ids.to_vec()),
    }
}

fn is_label(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_alphanumeric(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn bad(field: &str, message: &str) -> Error {
    Error::invalid_config(field, format!("{field} {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a";

    fn field(result: Result<IssuerConfig>) -> Option<String> {
        result.unwrap_err().into_details().field
    }

    #[test]
    fn an_application_id_is_not_a_uri_that_another_application_may_have_registered() {
        assert_eq!(IssuerConfig::entra(GUID, GUID).unwrap().audiences, [GUID]);
        let uri = format!("api://{GUID}");
        assert_eq!(IssuerConfig::entra(GUID, &uri).unwrap().audiences, [uri.as_str(), GUID]);
        assert_eq!(IssuerConfig::entra(GUID, "api://a").unwrap().audiences, ["api://a"]);
    }

    #[test]
    fn a_provider_is_named_as_its_tokens_name_it() {
        for tenant in ["", "common", "contoso.onmicrosoft.com", "{tenantid}", "../common", "a/b"] {
            assert_eq!(field(IssuerConfig::entra(tenant, GUID)).as_deref(), Some("tenant"));
        }
        let clients = ["a".to_owned()];
        for pool in ["", "eu-west-1", "_x", "eu-west-1_", "eu/west_a", "evil.test/_a", "a_b/c"] {
            let pool = field(IssuerConfig::cognito(pool, &clients));
            assert_eq!(pool.as_deref(), Some("user_pool_id"));
        }
        for issuer in ["", "sso.example.com", "http://sso.example.com", "https://a.test/?x"] {
            assert_eq!(field(IssuerConfig::keycloak(issuer, "a")).as_deref(), Some("issuer"));
        }
        assert_eq!(field(IssuerConfig::okta("https://a.okta.com", "a")).as_deref(), Some("issuer"));
    }

    #[test]
    fn where_no_claim_marks_a_client_the_clients_must_be_listed() {
        for none in [
            IssuerConfig::cognito("eu-west-1_a", &[]),
            IssuerConfig::google("a", &[]),
            IssuerConfig::zitadel("https://a.test", "a", &[]),
        ] {
            assert_eq!(field(none).as_deref(), Some("client_ids"));
        }
    }
}
