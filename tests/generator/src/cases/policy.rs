//! The settings of an issuer that declare its tokens: each alone, and what must not pass by it.

use anyhow::Result;
use serde_json::{Value, json};

use super::{key_set, with};
use crate::corpus::{File, NOW};
use crate::keys::Keys;
use crate::token::Token;

const ISSUER: &str = "https://idp.example.com";
const API: &str = "https://api.example.com";
const WRONG_KIND: &str = "wrong_token_kind";

struct Cases<'f, 'k> {
    file: &'f mut File,
    token: Token<'k>,
    issuer: Value,
}

pub(super) fn file(keys: &Keys) -> Result<File> {
    let about = "An issuer's policy: client_ids, client_id_claims, scope_claims, forbidden_claims, allow_missing_sub, require_any_scope, max_token_lifetime, clock_tolerance";
    let issuer = json!([{"issuers": [ISSUER], "audiences": [API], "algorithms": ["RS256"],
        "profile": "oauth", "jwks": key_set([keys.jwk("rsa_a")?])}]);
    let mut file = File::new("policy", about, issuer.clone());
    let token = Token::new(keys)
        .no_claim("nbf")
        .no_claim("scope")
        .claim("sub", json!("job"))
        .claim("iss", json!(ISSUER))
        .claim("aud", json!(API));
    let mut cases = Cases { file: &mut file, token, issuer };
    cases.client_ids()?;
    cases.client_id_claims()?;
    cases.scope_claims()?;
    cases.forbidden_claims()?;
    cases.allow_missing_sub()?;
    cases.require_any_scope()?;
    cases.times()?;
    cases.settings()?;
    Ok(file)
}

impl<'k> Cases<'_, 'k> {
    fn accept(&mut self, name: &str, token: &Token<'k>, settings: &Value, ok: Value) -> Result<()> {
        let issuers = self.issuers(settings);
        self.file.accept("P-02", name, token.build()?, ok).issuers(issuers);
        Ok(())
    }

    fn refuse(
        &mut self,
        name: &str,
        token: &Token<'k>,
        settings: &Value,
        (reason, claim): (&str, Option<&str>),
    ) -> Result<()> {
        let issuers = self.issuers(settings);
        let mut expect = json!({"code": "invalid_token", "reason": reason});
        if let (Some(claim), Some(expect)) = (claim, expect.as_object_mut()) {
            expect.insert("claim".to_owned(), json!(claim));
        }
        self.file.case("P-02", name, token.build()?, expect).issuers(issuers);
        Ok(())
    }

    fn config(&mut self, name: &str, settings: &Value, field: &str) -> Result<()> {
        let issuers = self.issuers(settings);
        let expect = json!({"code": "invalid_config", "field": field});
        self.file.case("P-03", name, self.token.build()?, expect).issuers(issuers);
        Ok(())
    }

    fn issuers(&self, settings: &Value) -> Value {
        let settings = settings.as_object().cloned().unwrap_or_default();
        settings
            .into_iter()
            .fold(self.issuer.clone(), |issuers, (name, value)| with(issuers, &name, value))
    }

    fn client_ids(&mut self) -> Result<()> {
        let token = self.token.clone();
        let ok = || json!({"client_id": "job"});
        let listed = json!({"client_ids": ["job", "other"]});
        self.accept("client_ids: one of them", &token, &listed, ok())?;
        for (name, sub) in
            [("another", "x"), ("another case", "Job"), ("a longer one", "job2"), ("a part", "jo")]
        {
            let token = token.clone().claim("sub", json!(sub));
            self.refuse(&format!("client_ids: {name}"), &token, &listed, (WRONG_KIND, None))?;
        }
        let azp = token.clone().claim("azp", json!("web"));
        self.refuse("client_ids: as sub, beside another azp", &azp, &listed, (WRONG_KIND, None))?;
        let other = token.clone().claim("aud", json!("https://other.example.com"));
        self.refuse(
            "client_ids: for another API",
            &other,
            &listed,
            ("claim_invalid", Some("aud")),
        )?;
        let none = json!({"audiences": [], "client_ids": ["job"]});
        self.accept(
            "no audiences: a token without aud",
            &token.clone().no_claim("aud"),
            &none,
            json!({"client_id": "job", "audience": []}),
        )?;
        self.accept(
            "no audiences: an empty aud",
            &token.clone().claim("aud", json!([])),
            &none,
            ok(),
        )?;
        for (name, aud) in [
            ("one", json!(API)),
            ("an empty one", json!("")),
            ("one in a list", json!([API])),
            ("null", Value::Null),
            ("a number", json!(1)),
        ] {
            let token = token.clone().claim("aud", aud);
            self.refuse(
                &format!("no audiences: {name}"),
                &token,
                &none,
                ("claim_invalid", Some("aud")),
            )?;
        }
        let stranger = token.no_claim("aud").claim("sub", json!("x"));
        self.refuse("no audiences: another client", &stranger, &none, (WRONG_KIND, None))
    }

    fn client_id_claims(&mut self) -> Result<()> {
        let one = json!({"client_id_claims": ["app"]});
        let two = json!({"client_id_claims": ["app", "client"]});
        let token = self.token.clone().claim("app", json!("a1"));
        let missing = ("claim_missing", Some("app"));
        self.accept(
            "client_id_claims: its claim",
            &token,
            &one,
            json!({"client_id": "a1", "subject": "job"}),
        )?;
        self.accept(
            "client_id_claims: not client_id",
            &token.clone().claim("client_id", json!("c")),
            &one,
            json!({"client_id": "a1"}),
        )?;
        self.accept(
            "client_id_claims: the second",
            &self.token.clone().claim("client", json!("c1")),
            &two,
            json!({"client_id": "c1"}),
        )?;
        self.accept(
            "client_id_claims: both the same",
            &token.clone().claim("client", json!("a1")),
            &two,
            json!({"client_id": "a1"}),
        )?;
        self.accept(
            "client_id_claims: the first is null",
            &self.token.clone().claim("app", Value::Null).claim("client", json!("c1")),
            &two,
            json!({"client_id": "c1"}),
        )?;
        self.refuse(
            "client_id_claims: two clients",
            &token.clone().claim("client", json!("a2")),
            &two,
            (WRONG_KIND, Some("client")),
        )?;
        self.refuse("client_id_claims: none", &self.token.clone(), &one, missing)?;
        self.refuse(
            "client_id_claims: null",
            &token.clone().claim("app", Value::Null),
            &one,
            missing,
        )?;
        for (name, value) in [
            ("empty", json!("")),
            ("a number", json!(7)),
            ("a list", json!(["a1"])),
            ("an object", json!({})),
        ] {
            let token = token.clone().claim("app", value);
            self.refuse(
                &format!("client_id_claims: {name}"),
                &token,
                &one,
                ("claim_invalid", Some("app")),
            )?;
        }
        let strict = json!({"client_id_claims": ["app"], "require_client_subject": true});
        self.refuse(
            "client_id_claims: another sub, require_client_subject",
            &token,
            &strict,
            (WRONG_KIND, None),
        )?;
        self.accept(
            "client_id_claims: the sub, require_client_subject",
            &token.clone().claim("sub", json!("a1")),
            &strict,
            json!({"client_id": "a1"}),
        )?;
        let sub = json!({"client_id_claims": ["sub"]});
        self.accept(
            "client_id_claims: sub",
            &self.token.clone(),
            &sub,
            json!({"client_id": "job"}),
        )?;
        // To name the client by `sub` must not make a user a client.
        for (name, claim, value) in [
            ("sid", "sid", json!("s")),
            ("auth_time", "auth_time", json!(1)),
            ("nonce", "nonce", json!("n")),
            ("idtyp", "idtyp", json!("user")),
            ("gty", "gty", json!("password")),
            ("cid", "cid", json!("0oa1")),
        ] {
            let user = self.token.clone().claim("sub", json!("alice")).claim(claim, value);
            self.refuse(
                &format!("client_id_claims: sub, of a user with {name}"),
                &user,
                &sub,
                (WRONG_KIND, None),
            )?;
            let user = user.claim("app", json!("web"));
            self.refuse(
                &format!("client_id_claims: app, of a user with {name}"),
                &user,
                &one,
                (WRONG_KIND, None),
            )?;
        }
        let user = self.token.clone().claim("sub", json!("alice")).claim("client_id", json!("web"));
        let strict = json!({"client_id_claims": ["sub"], "require_client_subject": true});
        self.refuse(
            "client_id_claims: sub, of another client_id, require_client_subject",
            &user,
            &strict,
            (WRONG_KIND, None),
        )
    }

    fn scope_claims(&mut self) -> Result<()> {
        let roles = json!({"realm_access": {"roles": ["ops", "my role", "read"]}, "resource_access": {API: {"roles": ["api:read"]}, "other": {"roles": ["root"]}}});
        let mut token = self.token.clone().claim("scope", json!("read")).claim("scp", json!("a b"));
        token = token.claim("list", json!(["x", "y"])).claim("nothing", Value::Null);
        for (name, value) in roles.as_object().into_iter().flatten() {
            token = token.claim(name, value.clone());
        }
        let urn = "urn:example:project:31:roles";
        token = token
            .claim(urn, json!({"admin": {"51": "x"}, "no scope": {}}))
            .claim("https://example.com/roles", json!(["r1"]));
        let of = |claims: Value| json!({"scope_claims": claims, "accept_scope_array": true});
        for (name, claims, scopes) in [
            ("another name", json!(["scp"]), json!(["a", "b"])),
            ("a list", json!(["list"]), json!(["x", "y"])),
            ("two claims", json!(["scope", "scp"]), json!(["read", "a", "b"])),
            ("a path", json!(["realm_access.roles"]), json!(["ops", "read"])),
            (
                "the same scope twice",
                json!(["scope", "realm_access.roles"]),
                json!(["read", "ops"]),
            ),
            (
                "a path by audience",
                json!(["resource_access.{audience}.roles"]),
                json!(["api:read"]),
            ),
            ("a URL", json!(["https://example.com/roles"]), json!(["r1"])),
            ("names of members", json!(["urn:example:project:31:roles.*"]), json!(["admin"])),
            ("names of members in a path", json!(["resource_access.other.*"]), json!(["roles"])),
            ("an absent claim", json!(["absent"]), json!([])),
            ("a null claim", json!(["nothing"]), json!([])),
            ("a path into an absent claim", json!(["absent.roles"]), json!([])),
            ("none", json!([]), json!([])),
            ("a prefix of a name", json!(["scop"]), json!([])),
            ("another case", json!(["Scope"]), json!([])),
        ] {
            self.accept(
                &format!("scope_claims: {name}"),
                &token,
                &of(claims),
                json!({"scopes": scopes}),
            )?;
        }
        for (name, claims, claim) in [
            ("a path into a string", "scope.roles", "scope"),
            ("an object", "realm_access", "realm_access"),
            ("names of members of a string", "scope.*", "scope"),
            ("names of members of a list", "list.*", "list"),
            ("an object at the end of a path", "resource_access.other", "resource_access"),
        ] {
            self.refuse(
                &format!("scope_claims: {name}"),
                &token,
                &of(json!([claims])),
                ("claim_invalid", Some(claim)),
            )?;
        }
        self.refuse(
            "scope_claims: a list, not allowed",
            &token,
            &json!({"scope_claims": ["list"]}),
            ("claim_invalid", Some("list")),
        )?;
        let mixed = token.clone().claim("list", json!(["x", 1]));
        self.refuse(
            "scope_claims: a list of a number",
            &mixed,
            &of(json!(["list"])),
            ("claim_invalid", Some("list")),
        )?;
        let many: Vec<_> = (0..1001).map(|n| format!("s{n}")).collect();
        let many = self.token.clone().claim("list", json!(many));
        self.refuse(
            "scope_claims: 1,001 scopes",
            &many,
            &of(json!(["list"])),
            ("malformed", None),
        )?;
        let long = self.token.clone().claim("list", json!(["s".repeat(257)]));
        self.refuse(
            "scope_claims: a scope of 257 bytes",
            &long,
            &of(json!(["list"])),
            ("malformed", None),
        )?;
        let renamed = json!({"scope_claims": ["scp"], "scope_map": {"a": "read:a"}});
        self.accept(
            "scope_claims: with scope_map",
            &token,
            &renamed,
            json!({"scopes": ["read:a", "b"]}),
        )?;
        let dotted =
            self.token.clone().claim("a.b", json!("dotted")).claim("a", json!({"b": "inner"}));
        self.accept(
            "scope_claims: a path is no name with a dot",
            &dotted,
            &of(json!(["a.b"])),
            json!({"scopes": ["inner"]}),
        )
    }

    fn forbidden_claims(&mut self) -> Result<()> {
        let settings = json!({"forbidden_claims": ["username", "uid"]});
        let token = self.token.clone();
        self.accept(
            "forbidden_claims: without them",
            &token,
            &settings,
            json!({"client_id": "job"}),
        )?;
        self.accept(
            "forbidden_claims: null",
            &token.clone().claim("uid", Value::Null),
            &settings,
            json!({"client_id": "job"}),
        )?;
        for (name, value) in [
            ("a string", json!("u")),
            ("an empty string", json!("")),
            ("false", json!(false)),
            ("a list", json!([])),
            ("an object", json!({})),
        ] {
            let token = token.clone().claim("uid", value);
            self.refuse(
                &format!("forbidden_claims: {name}"),
                &token,
                &settings,
                (WRONG_KIND, Some("uid")),
            )?;
        }
        let escaped = token.payload_with("\"u\\u0069d\":1");
        self.refuse(
            "forbidden_claims: an escaped name",
            &escaped,
            &settings,
            (WRONG_KIND, Some("uid")),
        )
    }

    fn allow_missing_sub(&mut self) -> Result<()> {
        let settings = json!({"allow_missing_sub": true});
        let none = self.token.clone().no_claim("sub");
        let named = none.clone().claim("client_id", json!("job"));
        let ok = || json!({"client_id": "job", "subject": null});
        self.refuse("no sub", &named, &json!({}), ("claim_missing", Some("sub")))?;
        self.accept("allow_missing_sub: a client_id", &named, &settings, ok())?;
        self.accept(
            "allow_missing_sub: an azp",
            &none.clone().claim("azp", json!("job")),
            &settings,
            ok(),
        )?;
        self.accept(
            "allow_missing_sub: require_client_subject",
            &named,
            &json!({"allow_missing_sub": true, "require_client_subject": true}),
            ok(),
        )?;
        self.refuse(
            "allow_missing_sub: no client either",
            &none,
            &settings,
            ("claim_missing", Some("client_id")),
        )?;
        for (name, sub) in [("null", Value::Null), ("empty", json!("")), ("a number", json!(1))] {
            let token = named.clone().claim("sub", sub);
            self.refuse(
                &format!("allow_missing_sub: sub is {name}"),
                &token,
                &settings,
                ("claim_invalid", Some("sub")),
            )?;
        }
        for (claim, value) in [
            ("sid", json!("s")),
            ("auth_time", json!(1)),
            ("nonce", json!("n")),
            ("scope", json!("openid")),
            ("idtyp", json!("user")),
            ("typ", json!("ID")),
            ("token_use", json!("id")),
            ("at_hash", json!("h")),
        ] {
            let user = named.clone().claim(claim, value);
            self.refuse(
                &format!("allow_missing_sub: a user's by {claim}"),
                &user,
                &settings,
                (WRONG_KIND, None),
            )?;
        }
        let strict = json!({"allow_missing_sub": true, "forbidden_claims": ["sub"]});
        self.refuse(
            "allow_missing_sub: a sub that is forbidden",
            &named.clone().claim("sub", json!("job")),
            &strict,
            (WRONG_KIND, Some("sub")),
        )
    }

    fn require_any_scope(&mut self) -> Result<()> {
        let settings = json!({"require_any_scope": true});
        let token = self.token.clone();
        self.accept(
            "require_any_scope: one",
            &token.clone().claim("scope", json!("read")),
            &settings,
            json!({"scopes": ["read"]}),
        )?;
        for (name, scope) in [("empty", json!("")), ("spaces", json!("  "))] {
            let issuers = self.issuers(&settings);
            let expect = json!({"code": "insufficient_scope", "missing_scopes": []});
            let token = token.clone().claim("scope", scope).build()?;
            self.file
                .case("P-02", &format!("require_any_scope: {name}"), token, expect)
                .issuers(issuers);
        }
        let issuers = self.issuers(&settings);
        let expect = json!({"code": "insufficient_scope", "missing_scopes": []});
        self.file
            .case("P-02", "require_any_scope: no scope", token.build()?, expect)
            .issuers(issuers);
        Ok(())
    }

    fn times(&mut self) -> Result<()> {
        let of = |seconds: i64| json!({"max_token_lifetime_seconds": seconds});
        let token = self.token.clone();
        let ok = || json!({"client_id": "job"});
        self.accept("max_token_lifetime: as long", &token, &of(3600), ok())?;
        self.refuse(
            "max_token_lifetime: a second longer",
            &token,
            &of(3599),
            ("claim_invalid", Some("exp")),
        )?;
        self.refuse(
            "max_token_lifetime: no iat",
            &token.clone().no_claim("iat"),
            &of(3600),
            ("claim_missing", Some("iat")),
        )?;
        let old = token.clone().claim("iat", json!(NOW - 3600)).claim("exp", json!(NOW + 1));
        self.refuse(
            "max_token_lifetime: almost over",
            &old,
            &of(3600),
            ("claim_invalid", Some("exp")),
        )?;
        let endless = token.clone().claim("exp", json!(253_402_300_799_i64));
        self.refuse(
            "max_token_lifetime: endless",
            &endless,
            &of(86_400),
            ("claim_invalid", Some("exp")),
        )?;
        let tolerant = |seconds: i64| json!({"clock_tolerance_seconds": seconds});
        let expired = token.clone().claim("exp", json!(NOW - 30));
        self.accept("clock_tolerance: of the issuer", &expired, &tolerant(31), ok())?;
        self.refuse(
            "clock_tolerance: of the issuer, too little",
            &expired,
            &tolerant(30),
            ("expired", Some("exp")),
        )?;
        let early = token.claim("nbf", json!(NOW + 30));
        self.accept("clock_tolerance: of the issuer, nbf", &early, &tolerant(30), ok())?;
        self.refuse(
            "clock_tolerance: of the issuer, nbf, too little",
            &early,
            &tolerant(29),
            ("not_yet_valid", Some("nbf")),
        )?;
        for (own, option) in [(31, 0), (0, 31), (31, 5)] {
            let issuers = self.issuers(&tolerant(own));
            self.file
                .accept(
                    "P-02",
                    &format!("clock_tolerance: {own} of the issuer, {option} of the call"),
                    expired.build()?,
                    ok(),
                )
                .options(json!({"clock_tolerance_seconds": option}))
                .issuers(issuers);
        }
        Ok(())
    }

    fn settings(&mut self) -> Result<()> {
        for (name, settings, field) in [
            ("no audiences, no client_ids", json!({"audiences": []}), "audiences"),
            ("an empty audience", json!({"audiences": [""], "client_ids": ["job"]}), "audiences"),
            ("an empty client id", json!({"client_ids": [""]}), "client_ids"),
            ("an empty claim", json!({"client_id_claims": [""]}), "client_id_claims"),
            (
                "client_id_claims of Stytch",
                json!({"profile": "stytch", "client_id_claims": ["x"]}),
                "client_id_claims",
            ),
            (
                "client_id_claims of Auth0",
                json!({"profile": "auth0", "client_id_claims": ["x"]}),
                "client_id_claims",
            ),
            (
                "allow_missing_sub of Stytch",
                json!({"profile": "stytch", "allow_missing_sub": true}),
                "allow_missing_sub",
            ),
            (
                "allow_missing_sub of Auth0",
                json!({"profile": "auth0", "allow_missing_sub": true}),
                "allow_missing_sub",
            ),
            ("an empty scope claim", json!({"scope_claims": [""]}), "scope_claims"),
            ("a path with an empty part", json!({"scope_claims": ["a..b"]}), "scope_claims"),
            ("a path that ends in a dot", json!({"scope_claims": ["a."]}), "scope_claims"),
            ("members of nothing", json!({"scope_claims": [".*"]}), "scope_claims"),
            ("a part of {audience}", json!({"scope_claims": ["a.x{audience}"]}), "scope_claims"),
            (
                "{audience} without audiences",
                json!({"audiences": [], "client_ids": ["job"], "scope_claims": ["a.{audience}"]}),
                "scope_claims",
            ),
            ("an empty forbidden claim", json!({"forbidden_claims": [""]}), "forbidden_claims"),
            ("a forbidden exp", json!({"forbidden_claims": ["exp"]}), "forbidden_claims"),
            (
                "a claim required and forbidden",
                json!({"forbidden_claims": ["x"], "required_claims": {"x": "y"}}),
                "forbidden_claims",
            ),
            (
                "the client's claim forbidden",
                json!({"forbidden_claims": ["x"], "client_id_claims": ["x"]}),
                "forbidden_claims",
            ),
            ("no lifetime", json!({"max_token_lifetime_seconds": 0}), "max_token_lifetime"),
            ("no keys", json!({"max_jwks_keys": 0}), "max_jwks_keys"),
            ("no bytes", json!({"max_jwks_bytes": 0}), "max_jwks_bytes"),
            ("more than 16 MiB", json!({"max_jwks_bytes": 16_777_217}), "max_jwks_bytes"),
            (
                "a token for keys that are given",
                json!({"jwks_token_file": "/x"}),
                "jwks_token_file",
            ),
        ] {
            self.config(&format!("settings: {name}"), &settings, field)?;
        }
        let issuers = self.issuers(&json!({"clock_tolerance_seconds": 301}));
        let expect = json!({"code": "invalid_config"});
        let token = self.token.build()?;
        self.file
            .case("P-03", "settings: 301 seconds of tolerance", token, expect)
            .issuers(issuers);
        self.accept(
            "settings: as many keys as allowed",
            &self.token.clone(),
            &json!({"max_jwks_keys": 1}),
            json!({"client_id": "job"}),
        )
    }
}
