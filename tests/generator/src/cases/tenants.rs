//! Several tenants of Microsoft Entra ID with one key set: `tid` must be the tenant in `iss`, and a
//! key may be one tenant's. The issuers' names say that they are Entra's; there is no setting.

use anyhow::Result;
use serde_json::{Value, json};

use super::{jwk_with, key_set, with};
use crate::corpus::File;
use crate::keys::{Keys, Name};
use crate::token::Token;

const ID: &str = "P-04";
const OURS: &str = "0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a";
const THEIRS: &str = "0b0b0b0b-0b0b-4b0b-8b0b-0b0b0b0b0b0b";
const OTHERS: &str = "1b1b1b1b-1b1b-4b1b-8b1b-1b1b1b1b1b1b";
const API: &str = "api://orders";
const NOT_FOUND: &str = "key_not_found";

pub(super) fn file(keys: &Keys) -> Result<File> {
    let about = "Tenants of Entra that share a key set, some of whose keys are one tenant's";
    let set =
        key_set([of(keys, "rsa_a", "{tenantid}")?, of(keys, "rsa_b", OURS)?, keys.jwk("p256")?]);
    let mut file = File::new("tenants", about, several(&set));
    names(&mut file, keys)?;
    bound_keys(&mut file, keys)?;
    odd_keys(&mut file, keys)?;
    one_tenant(&mut file, keys)?;
    Ok(file)
}

/// Both names of a tenant's tokens.
fn names_of(tenant: &str) -> [(&'static str, String); 2] {
    [
        ("version 2.0", format!("https://login.microsoftonline.com/{tenant}/v2.0")),
        ("version 1.0", format!("https://sts.windows.net/{tenant}/")),
    ]
}

/// A key whose `issuer` is this tenant's.
fn of(keys: &Keys, key: Name, tenant: &str) -> Result<Value> {
    jwk_with(keys, key, "issuer", json!(names_of(tenant)[0].1))
}

fn several(jwks: &str) -> Value {
    let both = [OURS, THEIRS].map(names_of);
    let issuers: Vec<_> = both.iter().flatten().map(|(_, name)| name).collect();
    json!([{
        "issuers": issuers,
        "audiences": [API],
        "algorithms": ["RS256", "ES256"],
        "profile": "oauth",
        "client_id_claims": ["azp", "appid"],
        "scope_claims": ["roles"],
        "accept_scope_array": true,
        "require_any_scope": true,
        "forbidden_claims": ["scp"],
        "jwks": jwks,
    }])
}

fn token<'k>(keys: &'k Keys, iss: &str, tid: &str) -> Token<'k> {
    Token::new(keys)
        .no_claim("scope")
        .claim("iss", json!(iss))
        .claim("aud", json!(API))
        .claim("tid", json!(tid))
        .claim("azp", json!("c1"))
        .claim("oid", json!("o1"))
        .claim("sub", json!("o1"))
        .claim("roles", json!(["Orders.Read"]))
}

fn names(file: &mut File, keys: &Keys) -> Result<()> {
    for tenant in [OURS, THEIRS] {
        for (version, iss) in names_of(tenant) {
            file.accept(
                ID,
                &format!("{version} of {tenant}"),
                token(keys, &iss, tenant).build()?,
                json!({"client_id": "c1", "issuer": iss, "scopes": ["Orders.Read"]}),
            );
            for (what, tid) in [
                ("the other tenant", json!(if tenant == OURS { THEIRS } else { OURS })),
                ("a strange tenant", json!(OTHERS)),
                ("the tenant in capitals", json!(tenant.to_uppercase())),
                ("the issuer", json!(iss)),
                ("empty", json!("")),
                ("a list", json!([tenant])),
                ("null", Value::Null),
            ] {
                file.refuse_claim(
                    ID,
                    &format!("{version} of {tenant}: tid is {what}"),
                    token(keys, &iss, tenant).claim("tid", tid).build()?,
                    ("claim_invalid", "tid"),
                );
            }
            file.refuse_claim(
                ID,
                &format!("{version} of {tenant}: no tid"),
                token(keys, &iss, tenant).no_claim("tid").build()?,
                ("claim_missing", "tid"),
            );
        }
    }
    for (version, iss) in names_of(OTHERS) {
        file.refuse_claim(
            ID,
            &format!("{version} of a strange tenant"),
            token(keys, &iss, OTHERS).build()?,
            ("claim_invalid", "iss"),
        );
    }
    for iss in [
        names_of(&OURS.to_uppercase())[0].1.clone(),
        names_of("common")[0].1.clone(),
        names_of("{tenantid}")[0].1.clone(),
        format!("{}/", names_of(OURS)[0].1),
        names_of(OURS)[1].1.trim_end_matches('/').to_owned(),
    ] {
        file.refuse_claim(
            ID,
            &format!("iss {iss}"),
            token(keys, &iss, OURS).build()?,
            ("claim_invalid", "iss"),
        );
    }
    Ok(())
}

fn bound_keys(file: &mut File, keys: &Keys) -> Result<()> {
    for (version, iss) in names_of(OURS) {
        file.accept(
            ID,
            &format!("{version}: a key of the tenant's own"),
            token(keys, &iss, OURS).by("rsa_b", "RS256").build()?,
            json!({"client_id": "c1", "issuer": iss}),
        );
    }
    for (version, iss) in names_of(THEIRS) {
        let stolen = token(keys, &iss, THEIRS);
        file.refuse(
            ID,
            &format!("{version}: a key of another tenant"),
            stolen.clone().by("rsa_b", "RS256").build()?,
            NOT_FOUND,
        );
        file.refuse(
            ID,
            &format!("{version}: a key of another tenant, under the common key's kid"),
            stolen.clone().by("rsa_b", "RS256").header("kid", json!("rsa_a")).build()?,
            "signature_invalid",
        );
        file.accept(
            ID,
            &format!("{version}: a key without issuer"),
            stolen.by("p256", "ES256").build()?,
            json!({"client_id": "c1"}),
        );
    }
    Ok(())
}

/// What else a key's `issuer` can be, for a token of each tenant by that key.
fn odd_keys(file: &mut File, keys: &Keys) -> Result<()> {
    let [(_, ours), (_, ours_v1)] = names_of(OURS);
    let twin = |tenant: &str| of(keys, "rsa_a", tenant);
    let with_issuer = |issuer| jwk_with(keys, "rsa_a", "issuer", issuer);
    for (name, set, is_ours, is_theirs) in [
        ("null", vec![with_null(keys)?], true, true),
        ("empty", vec![with_issuer(json!(""))?], true, true),
        ("a number", vec![with_issuer(json!(1))?], false, false),
        ("a list", vec![with_issuer(json!([ours]))?], false, false),
        (
            "another's template",
            vec![with_issuer(json!("https://evil.test/{tenantid}/v2.0"))?],
            false,
            false,
        ),
        ("a bare template", vec![with_issuer(json!("{tenantid}"))?], false, false),
        ("the tenant's name of version 1.0", vec![with_issuer(json!(ours_v1))?], true, false),
        ("a third tenant's", vec![twin(OTHERS)?], false, false),
        ("first one tenant's and then another's", vec![twin(OURS)?, twin(THEIRS)?], true, true),
        ("first one tenant's and then a third's", vec![twin(OURS)?, twin(OTHERS)?], true, false),
        (
            "first one tenant's and then everyone's",
            vec![twin(OTHERS)?, twin("{tenantid}")?],
            true,
            true,
        ),
    ] {
        let issuers = several(&key_set(set));
        for (tenant, fits) in [(OURS, is_ours), (THEIRS, is_theirs)] {
            let token = token(keys, &names_of(tenant)[0].1, tenant).build()?;
            let name = format!("the key's issuer is {name}, the token of {tenant}");
            match fits {
                true => file.accept(ID, &name, token, json!({"client_id": "c1"})),
                false => file.refuse(ID, &name, token, NOT_FOUND),
            }
            .issuers(issuers.clone());
        }
    }
    Ok(())
}

fn with_null(keys: &Keys) -> Result<Value> {
    let mut jwk = crate::token::object(keys.jwk("rsa_a")?);
    jwk.insert("issuer".to_owned(), Value::Null);
    Ok(Value::Object(jwk))
}

/// The rules hold for one tenant too, by its preset or not; and for nobody but Entra.
fn one_tenant(file: &mut File, keys: &Keys) -> Result<()> {
    let [(_, iss), _] = names_of(OURS);
    let set = key_set([of(keys, "rsa_a", THEIRS)?, of(keys, "rsa_b", OURS)?]);
    let preset = json!([{
        "preset": "entra",
        "arguments": {"tenant": OURS, "audience": API},
        "jwks": set,
    }]);
    let alone = with(several(&set), "issuers", json!([iss]));
    for (name, issuers) in [("the preset", preset), ("settings of one's own", alone)] {
        let by = |key| token(keys, &iss, OURS).by(key, "RS256").build();
        file.accept(ID, &format!("one tenant, {name}"), by("rsa_b")?, json!({"client_id": "c1"}))
            .issuers(issuers.clone());
        file.refuse(ID, &format!("one tenant, {name}: another's key"), by("rsa_a")?, NOT_FOUND)
            .issuers(issuers);
    }
    for national in
        ["https://login.microsoftonline.us/", "https://login.partner.microsoftonline.cn/"]
    {
        let iss = format!("{national}{OURS}/v2.0");
        let issuers = with(several(&set), "issuers", json!([iss]));
        for (what, key, tid, reason) in [
            ("its own key", "rsa_b", OURS, None),
            ("another's key", "rsa_a", OURS, Some(NOT_FOUND)),
            ("another's tid", "rsa_b", THEIRS, Some("claim_invalid")),
        ] {
            let token = token(keys, &iss, tid).by(key, "RS256").build()?;
            let name = format!("a national cloud, {iss}: {what}");
            match reason {
                None => file.accept(ID, &name, token, json!({"client_id": "c1"})),
                Some(reason) => file.refuse(ID, &name, token, reason),
            }
            .issuers(issuers.clone());
        }
    }
    let idp = "https://idp.example.com";
    let other = with(several(&set), "issuers", json!([idp]));
    file.accept(
        ID,
        "an issuer that is not Entra, whose keys have an issuer",
        token(keys, idp, OTHERS).build()?,
        json!({"client_id": "c1"}),
    )
    .issuers(other);
    Ok(())
}
