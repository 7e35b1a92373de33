//! Is it a client's access token? At an issuer of profile `oauth`, by claims that real providers use,
//! and by the settings that make it strict.

mod settings;

use anyhow::Result;
use serde_json::{Value, json};

use super::{key_set, with};
use crate::corpus::File;
use crate::keys::Keys;
use crate::token::Token;

const ISSUER: &str = "https://idp.example.com";
const API: &str = "https://api.example.com";
const WRONG_KIND: &str = "wrong_token_kind";

pub(super) fn file(keys: &Keys) -> Result<File> {
    let about = "What is a client, at an issuer of profile `oauth`; tokens bound to a key; require_typ; required_claims; scope_map";
    let issuers = json!([{"issuers": [ISSUER], "audiences": [API], "algorithms": ["RS256"],
        "profile": "oauth", "allow_missing_typ": true, "accept_scope_array": true,
        "jwks": key_set([keys.jwk("rsa_a")?])}]);
    let mut file = File::new("kinds", about, issuers.clone());
    let token = Token::new(keys)
        .no_claim("nbf")
        .no_claim("scope")
        .no_claim("sub")
        .claim("iss", json!(ISSUER))
        .claim("aud", json!(API));
    machines(&mut file, &token)?;
    people(&mut file, &token)?;
    subjects(&mut file, &token, &issuers)?;
    machines_of_rfc9068(&mut file, &token)?;
    settings::bound(&mut file, &token, &issuers)?;
    settings::typ(&mut file, &token, &issuers)?;
    settings::required(&mut file, &token, &issuers)?;
    settings::scope_map(&mut file, &token, &issuers)?;
    integers(&mut file, &token)?;
    Ok(file)
}

fn with_all<'k>(token: &Token<'k>, claims: &Value) -> Token<'k> {
    let claims = claims.as_object().cloned().unwrap_or_default();
    claims.into_iter().fold(token.clone(), |token, (name, value)| token.claim(&name, value))
}

/// As real providers issue them to a client that has its own credentials and nobody else.
fn machines(file: &mut File, token: &Token<'_>) -> Result<()> {
    for (name, client, claims) in [
        (
            "Keycloak 26",
            "job",
            json!({"sub": "9f-uuid", "typ": "Bearer", "azp": "job", "client_id": "job",
            "preferred_username": "service-account-job", "clientHost": "10.0.0.1", "clientAddress": "10.0.0.1"}),
        ),
        (
            "Keycloak with a session",
            "job",
            json!({"sub": "9f-uuid", "azp": "job", "client_id": "job", "sid": "s1",
            "auth_time": 1, "clientHost": "10.0.0.1", "scope": "openid profile email"}),
        ),
        (
            "Keycloak 20",
            "job",
            json!({"sub": "9f-uuid", "azp": "job", "clientId": "job", "clientHost": "10.0.0.1"}),
        ),
        (
            "Keycloak without its client scope",
            "job",
            json!({"sub": "9f-uuid", "azp": "job", "typ": "Bearer"}),
        ),
        (
            "Entra v1",
            "c1c1",
            json!({"appid": "c1c1", "idtyp": "app", "oid": "d1d1", "sub": "d1d1", "tid": "0a0a", "ver": "1.0"}),
        ),
        (
            "Entra v2 without idtyp",
            "c1c1",
            json!({"azp": "c1c1", "oid": "d1d1", "sub": "d1d1", "tid": "0a0a", "roles": ["Orders.Read"]}),
        ),
        (
            "Cognito",
            "3cl1",
            json!({"sub": "3cl1", "client_id": "3cl1", "token_use": "access", "auth_time": 1_800_000_000}),
        ),
        ("Okta", "0oa1", json!({"sub": "0oa1", "cid": "0oa1", "scp": ["orders.read"]})),
        ("Auth0", "Cl1", json!({"sub": "Cl1@clients", "azp": "Cl1", "gty": "client-credentials"})),
        (
            "Google",
            "1001",
            json!({"sub": "1001", "azp": "1001", "email": "job@p1.iam.gserviceaccount.com", "email_verified": true}),
        ),
        ("Hydra", "job", json!({"sub": "job", "client_id": "job", "ext": {}, "scp": ["read"]})),
        (
            "Zitadel",
            "job",
            json!({"sub": "41", "client_id": "job", "urn:zitadel:iam:org:project:31:roles": {"ops": {}}}),
        ),
        (
            "FusionAuth",
            "e-recipient",
            json!({"sub": "e-recipient", "permissions": ["read"], "tid": "t1"}),
        ),
        ("Logto", "app1", json!({"sub": "app1", "client_id": "app1", "scope": "read"})),
        (
            "Scalekit",
            "m2morg_1",
            json!({"sub": "m2morg_1", "client_id": "m2morg_1", "oid": "org_1"}),
        ),
        ("Authentik", "c1", json!({"sub": "5e8f", "azp": "c1", "uid": "u1", "scope": "profile"})),
        ("Salesforce", "3MVG1", json!({"sub": "uid:0051", "client_id": "3MVG1", "scp": "api"})),
        (
            "Kubernetes",
            "system:serviceaccount:n1:job",
            json!({"sub": "system:serviceaccount:n1:job",
            "kubernetes.io": {"namespace": "n1"}}),
        ),
        (
            "GitHub",
            "repo:o/r:ref:refs/heads/main",
            json!({"sub": "repo:o/r:ref:refs/heads/main", "repository": "o/r"}),
        ),
        (
            "marks that are null",
            "job",
            json!({"sub": "x", "client_id": "job", "nonce": null, "sid": null, "auth_time": null}),
        ),
        ("names that are null", "job", json!({"sub": "job", "client_id": null, "azp": null})),
        ("Kinde", "c1", json!({"sub": "x", "azp": "c1", "gty": ["client_credentials"]})),
    ] {
        let token = with_all(token, &claims);
        file.accept(
            "V-100",
            &format!("a machine's token of {name}"),
            token.build()?,
            json!({"client_id": client}),
        );
    }
    Ok(())
}

/// As real providers issue them to a client on behalf of somebody, or to say who logged in.
fn people(file: &mut File, token: &Token<'_>) -> Result<()> {
    for (name, claims) in [
        ("an ID token with nonce", json!({"sub": "user", "azp": "web", "nonce": "n"})),
        ("an ID token with at_hash", json!({"sub": "user", "at_hash": "h"})),
        ("an ID token with c_hash", json!({"sub": "user", "c_hash": "h"})),
        (
            "an ID token about the client itself",
            json!({"sub": "web", "client_id": "web", "nonce": "n"}),
        ),
        ("auth_time", json!({"sub": "user", "client_id": "web", "auth_time": 1_800_000_000})),
        ("sid", json!({"sub": "user", "client_id": "web", "sid": "s1"})),
        ("sid, no client named", json!({"sub": "user", "sid": "s1"})),
        (
            "the scope openid",
            json!({"sub": "user", "client_id": "web", "scope": "openid read:users"}),
        ),
        (
            "the scope openid in an array",
            json!({"sub": "user", "client_id": "web", "scope": ["openid"]}),
        ),
        ("the scope openid in scp", json!({"sub": "user", "azp": "web", "scp": ["openid"]})),
        (
            "Keycloak's of a user",
            json!({"sub": "9f-uuid", "typ": "Bearer", "azp": "web", "sid": "s1",
            "scope": "profile email", "preferred_username": "service-account-web"}),
        ),
        ("Keycloak's ID token", json!({"sub": "9f-uuid", "typ": "ID", "azp": "web"})),
        (
            "Entra's of a user, v1",
            json!({"appid": "c1", "oid": "d1", "sub": "pairwise", "tid": "t", "scp": "Read"}),
        ),
        (
            "Entra's of a user, v2",
            json!({"azp": "c1", "oid": "d1", "sub": "d1", "tid": "t", "scp": "Read"}),
        ),
        ("Entra's idtyp user", json!({"azp": "c1", "sub": "x", "idtyp": "user"})),
        (
            "Cognito's of a user",
            json!({"sub": "uuid", "client_id": "3cl1", "token_use": "access", "username": "alice",
            "auth_time": 1_800_000_000}),
        ),
        ("Cognito's ID token", json!({"sub": "uuid", "token_use": "id"})),
        (
            "Auth0's of a user",
            json!({"sub": "auth0|507f", "azp": "web", "scope": "openid profile"}),
        ),
        (
            "Auth0's of a password",
            json!({"sub": "auth0|507f", "azp": "web", "scope": "read:users", "gty": "password"}),
        ),
        (
            "a grant among others",
            json!({"sub": "kp_1", "azp": "web", "gty": ["client_credentials", "authorization_code"]}),
        ),
        (
            "a grant and an idtyp that differ",
            json!({"sub": "web", "azp": "web", "gty": "password", "idtyp": "app"}),
        ),
        (
            "Okta's of a user",
            json!({"sub": "joe@example.com", "cid": "0oa1", "uid": "00u1", "scp": ["orders.read"]}),
        ),
        (
            "the scope openid beside appid",
            json!({"sub": "hash", "appid": "job", "scope": "openid"}),
        ),
        ("an ID token with s_hash", json!({"sub": "user", "azp": "web", "s_hash": "h"})),
        (
            "a logout token",
            json!({"sub": "user", "events": {"http://schemas.openid.net/event/backchannel-logout": {}}}),
        ),
        (
            "Clerk's session",
            json!({"sub": "user_1", "azp": "https://app.example.com", "sid": "sess_1"}),
        ),
    ] {
        let token = with_all(token, &claims);
        file.refuse("V-100", &format!("a person's: {name}"), token.build()?, WRONG_KIND);
    }
    Ok(())
}

/// What no mark tells apart, the issuer's policy does.
fn subjects(file: &mut File, token: &Token<'_>, issuers: &Value) -> Result<()> {
    let strict = with(issuers.clone(), "require_client_subject", json!(true));
    let of =
        |sub: &str, name: &str| token.clone().claim("sub", json!(sub)).claim(name, json!("web"));
    for name in ["appid", "clientId"] {
        let strictly = format!("another sub than {name}, require_client_subject");
        file.refuse("V-100", &strictly, of("user-17", name).build()?, WRONG_KIND)
            .issuers(strict.clone());
    }
    for name in ["client_id", "azp"] {
        let other = of("user-17", name).build()?;
        file.accept(
            "V-100",
            &format!("another sub than {name}"),
            other.clone(),
            json!({"client_id": "web"}),
        );
        let strictly = format!("another sub than {name}, require_client_subject");
        file.refuse("V-100", &strictly, other, WRONG_KIND).issuers(strict.clone());
        file.accept(
            "V-100",
            &format!("the sub of {name}, require_client_subject"),
            of("web", name).build()?,
            json!({"client_id": "web"}),
        )
        .issuers(strict.clone());
    }
    for name in ["client_id", "azp"] {
        let rfc9068 = |sub| of(sub, name).header("typ", json!("at+jwt"));
        let users = rfc9068("user-17").build()?;
        file.refuse(
            "V-100",
            &format!("RFC 9068: another sub than {name}"),
            users.clone(),
            WRONG_KIND,
        );
        let own = json!({"client_id": "web"});
        let name_of_own = format!("RFC 9068: the sub of {name}");
        file.accept("V-100", &name_of_own, rfc9068("web").build()?, own.clone());
        let declared = with(issuers.clone(), "client_id_claims", json!([name]));
        let name_of_declared = format!("RFC 9068: another sub than {name}, client_id_claims");
        file.accept("V-100", &name_of_declared, users, own).issuers(declared);
    }
    let rfc9068 = of("9f-uuid", "client_id").header("typ", json!("application/at+jwt"));
    file.accept(
        "V-100",
        "RFC 9068: Keycloak's service account",
        rfc9068.clone().claim("clientHost", json!("10.0.0.1")).build()?,
        json!({"client_id": "web"}),
    );
    file.refuse("V-100", "RFC 9068: a whole media type", rfc9068.build()?, WRONG_KIND);
    let capitals = of("user-17", "client_id").header("typ", json!("AT+JWT"));
    file.refuse("V-100", "RFC 9068: in capitals", capitals.build()?, WRONG_KIND);
    let alone = token.clone().claim("sub", json!("job")).header("typ", json!("at+jwt"));
    file.accept(
        "V-100",
        "RFC 9068: a sub and no client named",
        alone.build()?,
        json!({"client_id": "job"}),
    );
    let keycloak = of("9f-uuid", "client_id").claim("clientHost", json!("10.0.0.1")).build()?;
    file.accept(
        "V-100",
        "Keycloak's service account, require_client_subject",
        keycloak,
        json!({"client_id": "web"}),
    )
    .issuers(strict.clone());
    let alone = token.clone().claim("sub", json!("job")).build()?;
    file.accept(
        "V-100",
        "a sub and no client named, require_client_subject",
        alone,
        json!({"client_id": "job"}),
    )
    .issuers(strict);
    for (name, value) in [("client_id", json!(7)), ("azp", json!(["web"]))] {
        let wrong = token.clone().claim("sub", json!("job")).claim(name, value);
        file.refuse_claim(
            "V-100",
            &format!("{name} is no string"),
            wrong.build()?,
            ("claim_invalid", name),
        );
    }
    Ok(())
}

/// RFC 9068 says that `sub` is a client that has no user: as these providers name it.
fn machines_of_rfc9068(file: &mut File, token: &Token<'_>) -> Result<()> {
    for (name, client, claims) in [
        ("Auth0", "Cl1", json!({"sub": "Cl1@clients", "client_id": "Cl1"})),
        (
            "Auth0 with its grant",
            "Cl1",
            json!({"sub": "x", "client_id": "Cl1", "gty": "client-credentials"}),
        ),
        ("Logto, Authelia, WorkOS", "app1", json!({"sub": "app1", "client_id": "app1"})),
        ("Okta", "0oa1", json!({"sub": "0oa1", "cid": "0oa1", "scp": ["orders.read"]})),
        (
            "Entra",
            "c1c1",
            json!({"azp": "c1c1", "oid": "d1d1", "sub": "d1d1", "tid": "0a0a", "roles": ["Orders.Read"]}),
        ),
        ("Entra with idtyp", "c1c1", json!({"azp": "c1c1", "sub": "d1d1", "idtyp": "app"})),
    ] {
        let token = with_all(token, &claims).header("typ", json!("at+jwt")).build()?;
        let name = format!("RFC 9068: a machine's token of {name}");
        file.accept("V-100", &name, token, json!({"client_id": client}));
    }
    Ok(())
}

/// What serde_json can be built to take for numbers, and what is beyond 64 bits.
fn integers(file: &mut File, token: &Token<'_>) -> Result<()> {
    let token = token.clone().claim("sub", json!("job"));
    let custom = r#""big":123456789012345678901234567890"#;
    file.accept(
        "V-17",
        "integers beyond 64 bits",
        token.clone().payload_with(custom).build()?,
        json!({"custom_claims_json": format!("{{{custom}}}")}),
    );
    let exp = token
        .clone()
        .no_claim("exp")
        .payload_with(r#""exp":{"$serde_json::private::Number":"1900000000"}"#);
    file.refuse_claim(
        "V-65",
        "exp as serde_json writes a number",
        exp.build()?,
        ("claim_invalid", "exp"),
    );
    Ok(())
}
