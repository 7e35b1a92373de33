//! The organization in a token: which claim names it, and tokens of others where one is required.

use anyhow::Result;
use serde_json::{Value, json};

use super::{key_set, ordinary, with};
use crate::corpus::File;
use crate::keys::Keys;
use crate::token::Token;

const ISSUER: &str = "https://idp.example.com";
const API: &str = "https://api.example.com";
const TENANT: &str = "0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a";

struct Cases<'f, 'k> {
    file: &'f mut File,
    /// A token of the project's, and of the other issuer.
    stytch: Token<'k>,
    oauth: Token<'k>,
    issuer: Value,
}

pub(super) fn file(keys: &Keys) -> Result<File> {
    let about = "organization_claim, and the option organization: an id, or any";
    let mut file = File::new("organization", about, ordinary(keys)?);
    let issuer = json!([{"issuers": [ISSUER], "audiences": [API], "algorithms": ["RS256"],
        "profile": "oauth", "jwks": key_set([keys.jwk("rsa_a")?])}]);
    let stytch = Token::new(keys);
    let oauth = stytch
        .clone()
        .claim("sub", json!("job"))
        .claim("iss", json!(ISSUER))
        .claim("aud", json!(API));
    let mut cases = Cases { file: &mut file, stytch, oauth, issuer };
    cases.claims()?;
    cases.required()?;
    cases.any()?;
    cases.with_scopes()?;
    cases.paths()?;
    cases.settings()?;
    cases.presets(keys)?;
    Ok(file)
}

fn wrong() -> Value {
    json!({"code": "insufficient_scope", "reason": "wrong_organization", "missing_scopes": []})
}

impl<'k> Cases<'_, 'k> {
    /// What the project's default claim gives.
    fn claims(&mut self) -> Result<()> {
        let of = |value: Value| self.stytch.clone().claim("org_id", value);
        let ok = |organization: Value| json!({"organization": organization});
        for (name, token, organization) in [
            ("org_id is the organization", of(json!("acme")), json!("acme")),
            ("absent", self.stytch.clone(), Value::Null),
            ("null is absent", of(Value::Null), Value::Null),
            (
                "with an escape",
                self.stytch.clone().payload_with(r#""org_id":"\u0061cme""#),
                json!("acme"),
            ),
            (
                "an escaped name",
                self.stytch.clone().payload_with(r#""org_\u0069d":"acme""#),
                json!("acme"),
            ),
            ("not in ASCII", of(json!("Åkerö-東")), json!("Åkerö-東")),
            ("with spaces", of(json!(" acme ")), json!(" acme ")),
            (
                "by another claim",
                self.stytch.clone().claim("organization_id", json!("acme")),
                Value::Null,
            ),
            (
                "by a claim in capitals",
                self.stytch.clone().claim("ORG_ID", json!("acme")),
                Value::Null,
            ),
            (
                "inside another claim",
                self.stytch.clone().claim("x", json!({"org_id": "acme"})),
                Value::Null,
            ),
        ] {
            self.file.accept("O-01", name, token.build()?, ok(organization));
        }
        for (name, value) in [
            ("a number", json!(1)),
            ("true", json!(true)),
            ("an array", json!(["acme"])),
            ("an empty array", json!([])),
            ("an object", json!({"id": "acme"})),
            ("an empty string", json!("")),
        ] {
            // Where nobody asks for the organization, it is not a reason to refuse.
            let token = self.stytch.clone().claim("org_id", value).build()?;
            self.file.accept("O-02", name, token.clone(), ok(Value::Null));
            for organization in [json!("acme"), json!({"any": true})] {
                self.file
                    .refuse_claim(
                        "O-02",
                        &format!("{name}, required: {organization}"),
                        token.clone(),
                        ("claim_invalid", "org_id"),
                    )
                    .options(json!({"organization": organization}));
            }
        }
        for (name, member) in [
            ("twice", r#""org_id":"acme","org_id":"other""#),
            ("twice, the same", r#""org_id":"acme","org_id":"acme""#),
            ("twice, once with an escape", r#""org_id":"acme","org_\u0069d":"other""#),
        ] {
            let token = self.stytch.clone().payload_with(member).build()?;
            self.file.refuse("O-02", name, token, "malformed");
        }
        Ok(())
    }

    /// One organization is required.
    fn required(&mut self) -> Result<()> {
        let of = |value: &str| self.stytch.clone().claim("org_id", json!(value));
        let acme = || json!({"organization": "acme"});
        let token = of("acme").build()?;
        self.file
            .accept("O-03", "required: the same", token, json!({"organization": "acme"}))
            .options(acme());
        for (name, id) in [
            ("another", "other"),
            ("in capitals", "Acme"),
            ("a longer one", "acme2"),
            ("a shorter one", "acm"),
            ("with a space at the end", "acme "),
            ("with a line break", "acme\n"),
            ("with a NUL", "acme\u{0}"),
            ("with a space of no width", "acme\u{200b}"),
            ("with a letter that looks the same", "аcme"),
            ("a list in a string", "acme,other"),
            ("as JSON", "\"acme\""),
            ("a wildcard", "*"),
        ] {
            let name = format!("required: {name}");
            self.file.case("O-03", &name, of(id).build()?, wrong()).options(acme());
        }
        // Exact: two spellings in Unicode are two organizations.
        let token = of("caf\u{e9}").build()?;
        self.file
            .accept(
                "O-03",
                "required: an accent",
                token.clone(),
                json!({"organization": "caf\u{e9}"}),
            )
            .options(json!({"organization": "caf\u{e9}"}));
        self.file
            .case("O-03", "required: an accent, not normalized", token, wrong())
            .options(json!({"organization": "cafe\u{301}"}));
        let none = self.stytch.build()?;
        self.file
            .case("O-03", "required: the token has none", none.clone(), wrong())
            .options(acme());
        let null = self.stytch.clone().claim("org_id", Value::Null).build()?;
        self.file.case("O-03", "required: the token's is null", null, wrong()).options(acme());
        for (name, token) in [("one", of("acme").build()?), ("none", none)] {
            let name = format!("required: an empty one, of a token with {name}");
            self.file.case("O-03", &name, token, wrong()).options(json!({"organization": ""}));
        }
        let beside = self.stytch.clone().claim("organization_id", json!("acme")).build()?;
        self.file
            .case("O-03", "required: only in a claim of the caller's", beside, wrong())
            .options(acme());
        let both = of("other").claim("organization_id", json!("acme")).build()?;
        self.file
            .case("O-03", "required: another one, and the right one beside it", both, wrong())
            .options(acme());
        let list = self.stytch.clone().claim("org_id", json!(["acme"])).build()?;
        self.file
            .refuse_claim("O-03", "required: in an array", list, ("claim_invalid", "org_id"))
            .options(acme());
        let forged = of("acme").signed_by("x".repeat(256));
        self.file
            .refuse("O-03", "required: of a bad signature", forged, "signature_invalid")
            .options(acme());
        let old = of("other").claim("exp", json!(1_700_000_000)).claim("iat", json!(1_699_999_000));
        let old = old.claim("nbf", json!(1_699_999_000)).build()?;
        self.file
            .refuse("O-03", "required: another's expired token", old, "expired")
            .options(acme());
        Ok(())
    }

    fn any(&mut self) -> Result<()> {
        let any = || json!({"organization": {"any": true}});
        let token = self.stytch.clone().claim("org_id", json!("acme")).build()?;
        self.file.accept("O-04", "any: one", token, json!({"organization": "acme"})).options(any());
        self.file.case("O-04", "any: none", self.stytch.build()?, wrong()).options(any());
        let null = self.stytch.clone().claim("org_id", Value::Null).build()?;
        self.file.case("O-04", "any: null", null, wrong()).options(any());
        Ok(())
    }

    /// The organization is compared before the scopes, which a foreign token is not told.
    fn with_scopes(&mut self) -> Result<()> {
        let token = self.stytch.clone().claim("org_id", json!("acme")).build()?;
        let asks = |organization: &str, scope: &str| json!({"organization": organization, "required_scopes": [scope]});
        self.file
            .accept("O-05", "with scopes: both", token.clone(), json!({"organization": "acme"}))
            .options(asks("acme", "read:users"));
        self.file
            .case("O-05", "with scopes: another organization", token.clone(), wrong())
            .options(asks("other", "read:users"));
        self.file
            .case("O-05", "with scopes: neither", token.clone(), wrong())
            .options(asks("other", "admin"));
        let lacks = json!({"code": "insufficient_scope", "missing_scopes": ["admin"]});
        self.file
            .case("O-05", "with scopes: no scope", token, lacks)
            .options(asks("acme", "admin"));
        Ok(())
    }

    /// Claims of other names, and inside others.
    fn paths(&mut self) -> Result<()> {
        let acme = || json!({"organization": "acme"});
        let nested = json!({"tenant": {"id": "acme", "name": "other"}});
        for (claim, name, value) in [
            ("tenant", "tenant", json!("acme")),
            ("ctx.tenant.id", "ctx", nested.clone()),
            ("https://example.com/org", "https://example.com/org", json!("acme")),
            ("urn:a.b:c", "urn:a.b:c", json!("acme")),
            ("sub", "sub", json!("acme")),
            ("client_id", "client_id", json!("acme")),
        ] {
            let token = self.oauth.clone().claim(name, value);
            let token = if name == "client_id" { token.claim("sub", json!("acme")) } else { token };
            let issuers = with(self.issuer.clone(), "organization_claim", json!(claim));
            self.file
                .accept("O-06", &format!("claim {claim}"), token.build()?, acme())
                .options(acme())
                .issuers(issuers.clone());
            let beside = self.oauth.clone().claim("org_id", json!("acme")).build()?;
            self.file
                .case("O-06", &format!("claim {claim}: only org_id"), beside, wrong())
                .options(acme())
                .issuers(issuers);
        }
        let issuers = with(self.issuer.clone(), "organization_claim", json!("ctx.tenant.id"));
        for (name, ctx) in [
            ("an empty object", json!({})),
            ("null", Value::Null),
            ("a part is absent", json!({"tenant": {}})),
            ("a part is null", json!({"tenant": null})),
            ("null in it", json!({"tenant": {"id": null}})),
        ] {
            let token = self.oauth.clone().claim("ctx", ctx).build()?;
            self.file
                .accept(
                    "O-06",
                    &format!("path: {name}"),
                    token.clone(),
                    json!({"organization": null}),
                )
                .issuers(issuers.clone());
            self.file
                .case("O-06", &format!("path, required: {name}"), token, wrong())
                .options(acme())
                .issuers(issuers.clone());
        }
        for (name, ctx) in [
            ("a string", json!("acme")),
            ("a part is a string", json!({"tenant": "acme"})),
            ("a part is an array", json!({"tenant": [{"id": "acme"}]})),
            ("a number", json!({"tenant": {"id": 1}})),
            ("an array", json!({"tenant": {"id": ["acme"]}})),
            ("an object", json!({"tenant": {"id": {}}})),
            ("an empty string", json!({"tenant": {"id": ""}})),
        ] {
            let token = self.oauth.clone().claim("ctx", ctx).build()?;
            self.file
                .accept(
                    "O-06",
                    &format!("path: {name}"),
                    token.clone(),
                    json!({"organization": null}),
                )
                .issuers(issuers.clone());
            self.file
                .refuse_claim(
                    "O-06",
                    &format!("path, required: {name}"),
                    token,
                    ("claim_invalid", "ctx"),
                )
                .options(acme())
                .issuers(issuers.clone());
        }
        let twice = r#""ctx":{"tenant":{"id":"acme","id":"other"}}"#;
        let twice = self.oauth.clone().payload_with(twice).build()?;
        self.file.refuse("O-06", "path: twice inside", twice, "malformed").issuers(issuers);
        let dotted = self.oauth.clone().claim("ctx.tenant.id", json!("acme")).build()?;
        let issuers = with(self.issuer.clone(), "organization_claim", json!("ctx.tenant.id"));
        self.file
            .case("O-06", "path: as one name with dots", dotted, wrong())
            .options(acme())
            .issuers(issuers);
        Ok(())
    }

    fn settings(&mut self) -> Result<()> {
        let token = self.oauth.clone().claim("org_id", json!("acme")).build()?;
        let none = with(self.issuer.clone(), "organization_claim", Value::Null);
        self.file
            .accept("O-07", "no claim", token.clone(), json!({"organization": null}))
            .issuers(none.clone());
        for organization in [json!("acme"), json!({"any": true})] {
            self.file
                .case(
                    "O-07",
                    &format!("no claim, required: {organization}"),
                    token.clone(),
                    wrong(),
                )
                .options(json!({"organization": organization}))
                .issuers(none.clone());
        }
        let odd = self.oauth.clone().claim("org_id", json!(7)).build()?;
        self.file
            .accept("O-07", "no claim: org_id of any type", odd, json!({"organization": null}))
            .issuers(none);
        let config = json!({"code": "invalid_config", "field": "organization_claim"});
        for claim in ["", ".", "a.", ".a", "a..b", "a.*", "{audience}", "a.{audience}.b"] {
            let issuers = with(self.issuer.clone(), "organization_claim", json!(claim));
            self.file
                .case("O-07", &format!("setting: {claim:?}"), token.clone(), config.clone())
                .issuers(issuers);
        }
        Ok(())
    }

    /// What the providers' constructors set.
    fn presets(&mut self, keys: &Keys) -> Result<()> {
        let jwks = key_set([keys.jwk("rsa_a")?]);
        let entra = json!([{"preset": "entra", "arguments": {"tenant": TENANT, "audience": API}, "jwks": jwks}]);
        let app = json!("c1c1");
        let token = self
            .oauth
            .clone()
            .claim("iss", json!(format!("https://login.microsoftonline.com/{TENANT}/v2.0")))
            .claim("azp", app)
            .claim("oid", json!("job"))
            .claim("roles", json!(["Orders.Read"]))
            .claim("org_id", json!("acme"))
            .claim("tid", json!(TENANT))
            .build()?;
        self.file
            .accept("O-08", "Entra: tid", token.clone(), json!({"organization": TENANT}))
            .options(json!({"organization": TENANT}))
            .issuers(entra.clone());
        self.file
            .case("O-08", "Entra: not org_id", token, wrong())
            .options(json!({"organization": "acme"}))
            .issuers(entra);
        let auth0 = json!([{"preset": "auth0", "arguments": {"domain": "acme.eu.auth0.com", "audience": API}, "jwks": jwks}]);
        let token = self
            .oauth
            .clone()
            .claim("iss", json!("https://acme.eu.auth0.com/"))
            .claim("sub", json!("job@clients"))
            .claim("azp", json!("job"))
            .claim("org_id", json!("org_1"))
            .build()?;
        self.file
            .accept("O-08", "Auth0: org_id", token, json!({"organization": "org_1"}))
            .options(json!({"organization": "org_1"}))
            .issuers(auth0);
        let hydra = json!([{"preset": "hydra", "arguments": {"issuer": ISSUER, "audience": API}, "jwks": jwks}]);
        let token =
            self.oauth.clone().claim("client_id", json!("job")).claim("org_id", json!("acme"));
        let token = token.no_claim("scope").claim("scp", json!(["read"])).build()?;
        self.file
            .accept("O-08", "Hydra: none", token.clone(), json!({"organization": null}))
            .issuers(hydra.clone());
        self.file
            .case("O-08", "Hydra: none, required", token, wrong())
            .options(json!({"organization": "acme"}))
            .issuers(hydra);
        Ok(())
    }
}
