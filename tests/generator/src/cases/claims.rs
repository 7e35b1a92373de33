//! Are the claims right?

use anyhow::Result;
use serde_json::{Value, json};

use super::ordinary;
use crate::corpus::{File, NOW, PROJECT};
use crate::keys::Keys;
use crate::token::{CLIENT, Token};

const INVALID: &str = "claim_invalid";
const MISSING: &str = "claim_missing";

pub(super) fn file(keys: &Keys) -> Result<File> {
    let about =
        "Claims (RFC 7519, section 4.1; RFC 9068, section 2.2; RFC 8725, sections 3.8 to 3.12)";
    let mut file = File::new("claims", about, ordinary(keys)?);
    let token = Token::new(keys);
    file.accept(
        "V-60",
        "everything that a token says comes out",
        token.clone().claim("jti", json!("id-1")).claim("role", json!("admin")).claim("exp", json!(NOW + 60)).claim("nbf", json!(NOW - 5)).claim("iat", json!(NOW - 7)).build()?,
        json!({
            "client_id": CLIENT, "scopes": ["read:users", "write:users"], "custom_claims": {"role": "admin"},
            "issuer": format!("stytch.com/{PROJECT}"), "audience": [PROJECT], "expires_at": NOW + 60,
            "not_before": NOW - 5, "issued_at": NOW - 7, "token_id": "id-1",
        }),
    );
    wrong_types(&mut file, &token)?;
    expiry(&mut file, &token)?;
    not_before(&mut file, &token)?;
    age(&mut file, &token)?;
    issuer_and_audience(&mut file, &token)?;
    kinds(&mut file, &token)?;
    Ok(file)
}

fn wrong_types(file: &mut File, token: &Token<'_>) -> Result<()> {
    for (id, claim) in [("V-60", "exp"), ("V-73", "iss"), ("V-77", "aud"), ("V-78", "sub")] {
        file.refuse_claim(
            id,
            &format!("no {claim}"),
            token.clone().no_claim(claim).build()?,
            (MISSING, claim),
        );
    }
    for (id, claim) in [("V-65", "exp"), ("V-68", "nbf"), ("V-70", "iat")] {
        for (name, value) in [
            ("a string", json!(NOW.to_string())),
            ("true", json!(true)),
            ("null", Value::Null),
            ("an array", json!([NOW])),
            ("an object", json!({"exp": NOW})),
            ("an empty string", json!("")),
        ] {
            file.refuse_claim(
                id,
                &format!("{claim} is {name}"),
                token.clone().claim(claim, value).build()?,
                (INVALID, claim),
            );
        }
    }
    for (id, claim) in [("V-73", "iss"), ("V-78", "sub"), ("V-79", "jti")] {
        for (name, value) in [
            ("null", Value::Null),
            ("a number", json!(1)),
            ("an object", json!({})),
            ("an array", json!([CLIENT])),
            ("true", json!(true)),
        ] {
            file.refuse_claim(
                id,
                &format!("{claim} is {name}"),
                token.clone().claim(claim, value).build()?,
                (INVALID, claim),
            );
        }
    }
    file.refuse_claim(
        "V-78",
        "sub is empty",
        token.clone().claim("sub", json!("")).build()?,
        (INVALID, "sub"),
    );
    Ok(())
}

fn expiry(file: &mut File, token: &Token<'_>) -> Result<()> {
    let exp = |text: &str| {
        token.clone().no_claim("exp").payload_with(&format!(r#""exp":{text}"#)).build()
    };
    let ok = || json!({"client_id": CLIENT});
    for text in ["1e300", "253402300800", "1e18", "99999999999999999999"] {
        file.refuse_claim("V-61", &format!("exp {text}"), exp(text)?, (INVALID, "exp"));
    }
    for text in [
        "1e400",
        "-1e400",
        "Infinity",
        "NaN",
        "0x7fffffff",
        "+1800003600",
        "1800003600.",
        ".5",
        "01800003600",
    ] {
        file.refuse("V-62", &format!("exp {text}"), exp(text)?, "malformed");
    }
    for text in ["-1", "0", "-0.0", "-1e300", "0.5", "1"] {
        file.refuse_claim("V-63", &format!("exp {text}"), exp(text)?, ("expired", "exp"));
    }
    file.accept("V-61", "exp at the end of the year 9999", exp("253402300799")?, ok());
    file.accept("V-64", "exp half a second ahead", exp(&format!("{NOW}.5"))?, ok());
    file.refuse_claim(
        "V-64",
        "exp half a second ago",
        exp(&format!("{}.5", NOW - 1))?,
        ("expired", "exp"),
    );
    file.accept("V-64", "exp with an exponent", exp("1.8000036e9")?, ok());
    file.refuse_claim("V-66", "exp is now", exp(&NOW.to_string())?, ("expired", "exp"));
    file.accept("V-67", "exp one second ahead", exp(&(NOW + 1).to_string())?, ok());
    let tolerance = json!({"clock_tolerance_seconds": 30});
    file.refuse_claim(
        "V-66",
        "exp as far ago as the tolerance",
        exp(&(NOW - 30).to_string())?,
        ("expired", "exp"),
    )
    .options(tolerance.clone());
    file.accept(
        "V-67",
        "exp a second less ago than the tolerance",
        exp(&(NOW - 29).to_string())?,
        ok(),
    )
    .options(tolerance);
    file.accept("V-67", "exp within the largest tolerance", exp(&(NOW - 299).to_string())?, ok())
        .options(json!({"clock_tolerance_seconds": 300}));
    file.config(
        "V-67",
        "a tolerance above 300 s",
        token.build()?,
        json!({"clock_tolerance_seconds": 301}),
    );
    Ok(())
}

fn not_before(file: &mut File, token: &Token<'_>) -> Result<()> {
    let ok = || json!({"client_id": CLIENT});
    for (id, claim) in [("V-68", "nbf"), ("V-70", "iat")] {
        let at = |seconds: i64| token.clone().claim(claim, json!(seconds)).build();
        file.accept(id, &format!("{claim} one second ahead"), at(NOW + 1)?, ok());
        file.accept(id, &format!("{claim} five seconds ahead"), at(NOW + 5)?, ok());
        file.refuse_claim(
            id,
            &format!("{claim} six seconds ahead"),
            at(NOW + 6)?,
            ("not_yet_valid", claim),
        );
        file.accept(
            id,
            &format!("{claim} five seconds ahead, a tolerance of one"),
            at(NOW + 5)?,
            ok(),
        )
        .options(json!({"clock_tolerance_seconds": 1}));
        file.accept(id, &format!("{claim} is now"), at(NOW)?, ok());
        let tolerance = json!({"clock_tolerance_seconds": 10});
        file.refuse_claim(
            id,
            &format!("{claim} beyond the tolerance"),
            at(NOW + 11)?,
            ("not_yet_valid", claim),
        )
        .options(tolerance.clone());
        file.accept(id, &format!("{claim} as far ahead as the tolerance"), at(NOW + 10)?, ok())
            .options(tolerance);
        file.accept(id, &format!("{claim} before 1970"), at(-1)?, ok());
        let fraction = |ahead: f64| token.clone().claim(claim, json!(NOW as f64 + ahead)).build();
        file.accept(id, &format!("{claim} half a second ahead"), fraction(0.5)?, ok());
        file.refuse_claim(
            id,
            &format!("{claim} five and a half seconds ahead"),
            fraction(5.5)?,
            ("not_yet_valid", claim),
        );
        file.refuse_claim(
            id,
            &format!("{claim} 1e300"),
            token.clone().claim(claim, json!(1e300)).build()?,
            (INVALID, claim),
        );
        file.accept(id, &format!("no {claim}"), token.clone().no_claim(claim).build()?, ok());
    }
    Ok(())
}

fn age(file: &mut File, token: &Token<'_>) -> Result<()> {
    let ok = || json!({"client_id": CLIENT});
    let aged = |seconds: i64| token.clone().claim("iat", json!(NOW - seconds)).build();
    let limit = |seconds: u64| json!({"max_token_age_seconds": seconds});
    file.refuse_claim(
        "V-69",
        "no iat, where an age is asked for",
        token.clone().no_claim("iat").build()?,
        (MISSING, "iat"),
    )
    .options(limit(3600));
    file.refuse_claim("V-72", "as old as allowed", aged(600)?, ("too_old", "iat"))
        .options(limit(600));
    file.accept("V-72", "a second younger than allowed", aged(599)?, ok()).options(limit(600));
    file.refuse_claim("V-72", "much older than allowed", aged(3000)?, ("too_old", "iat"))
        .options(limit(60));
    file.refuse_claim("V-72", "an age of 0 refuses every token", aged(0)?, ("too_old", "iat"))
        .options(limit(0));
    file.accept("V-72", "no limit", aged(86_400)?, ok());
    file.accept("V-72", "a limit beyond any age", aged(86_400)?, ok())
        .options(limit(4_294_967_295));
    let ahead = json!({"max_token_age_seconds": 3600, "clock_tolerance_seconds": 5});
    file.accept("V-71", "iat a second ahead, within the tolerance: the age is 0", aged(-1)?, ok())
        .options(ahead);
    Ok(())
}

fn issuer_and_audience(file: &mut File, token: &Token<'_>) -> Result<()> {
    let ok = || json!({"client_id": CLIENT});
    for (name, iss) in [
        ("with a slash behind", format!("stytch.com/{PROJECT}/")),
        ("of another project", "stytch.com/project-test-2".to_owned()),
        ("of the live project", format!("stytch.com/{}", PROJECT.replace("test", "live"))),
        ("as a URL", format!("https://stytch.com/{PROJECT}")),
        ("in upper case", format!("STYTCH.COM/{PROJECT}")),
        ("that only starts right", format!("stytch.com/{PROJECT}.evil.example")),
        ("cut short", "stytch.com/project-test".to_owned()),
        ("that is the project id", PROJECT.to_owned()),
        ("that is empty", String::new()),
        ("with a space behind", format!("stytch.com/{PROJECT} ")),
    ] {
        let id = if name.starts_with("of ") || name.contains("slash") { "V-75" } else { "V-74" };
        file.refuse_claim(
            id,
            &format!("an issuer {name}"),
            token.clone().claim("iss", json!(iss)).build()?,
            (INVALID, "iss"),
        );
    }
    let both = json!([format!("stytch.com/{PROJECT}"), "evil"]);
    file.refuse_claim(
        "V-73",
        "an array of issuers, the right one among them",
        token.clone().claim("iss", both).build()?,
        (INVALID, "iss"),
    );
    for (name, aud) in [
        ("as a string", json!(PROJECT)),
        ("alone in an array", json!([PROJECT])),
        ("among many", json!(["a", PROJECT, "b"])),
        ("twice", json!([PROJECT, PROJECT])),
    ] {
        file.accept(
            "V-76",
            &format!("the audience {name}"),
            token.clone().claim("aud", aud).build()?,
            ok(),
        );
    }
    for (name, aud) in [
        ("an empty array", json!([])),
        ("an empty string", json!("")),
        ("null", Value::Null),
        ("an object", json!({PROJECT: 1})),
        ("a number", json!(1)),
        ("an array with a number behind", json!([PROJECT, 1])),
        ("an array with a number in front", json!([1, PROJECT])),
        ("another", json!("q")),
        ("another and a number", json!(["q", 1])),
        ("nested arrays", json!([[PROJECT]])),
        ("cut short", json!(PROJECT.trim_end_matches('1'))),
        ("longer", json!(format!("{PROJECT}1"))),
        ("in upper case", json!(PROJECT.to_uppercase())),
    ] {
        file.refuse_claim(
            "V-77",
            &format!("an audience that is {name}"),
            token.clone().claim("aud", aud).build()?,
            (INVALID, "aud"),
        );
    }
    Ok(())
}

fn kinds(file: &mut File, token: &Token<'_>) -> Result<()> {
    const WRONG_KIND: &str = "wrong_token_kind";
    let session =
        token.clone().claim("https://stytch.com/session", json!({"id": "session-test-1"}));
    file.refuse(
        "V-80",
        "a session token",
        session.clone().claim("sub", json!("user-test-1")).build()?,
        WRONG_KIND,
    );
    file.refuse("V-80", "a session token with a client's sub", session.build()?, WRONG_KIND);
    for (name, sub, client_id) in [
        ("about a user", "user-test-1", Some("connected-app-test-1")),
        ("about a member", "member-test-1", Some("connected-app-test-1")),
        ("about a user, without client_id", "user-test-1", None),
        ("with another client_id", CLIENT, Some("connected-app-test-1")),
    ] {
        let mut token = token.clone().claim("sub", json!(sub));
        if let Some(client_id) = client_id {
            token = token.claim("client_id", json!(client_id));
        }
        file.refuse("V-81", &format!("a Connected App's token {name}"), token.build()?, WRONG_KIND);
    }
    let same = token.clone().claim("client_id", json!(CLIENT));
    file.accept("V-81", "client_id that is sub", same.build()?, json!({"client_id": CLIENT}));
    for (name, value) in [
        ("another text", json!("tenant-7")),
        ("another client's id", json!("m2m-client-test-1")),
        ("a number", json!(1)),
        ("an object", json!({"id": "connected-app-test-1"})),
    ] {
        let custom = token.clone().claim("client_id", value);
        let name = format!("a custom claim client_id: {name}");
        file.accept("V-81", &name, custom.build()?, json!({"client_id": CLIENT}));
    }
    for id in ["user-sync", "member-import", "user-", "user-testing-1", "member-livestock"] {
        let own = token.clone().claim("sub", json!(id));
        file.accept(
            "V-81",
            &format!("a client called {id}"),
            own.build()?,
            json!({"client_id": id}),
        );
    }
    for id in ["user-live-1", "member-live-1"] {
        let person = token.clone().claim("sub", json!(id));
        file.refuse("V-81", &format!("a person: {id}"), person.build()?, WRONG_KIND);
    }
    let bound = token.clone().claim("cnf", json!({"jkt": "x"}));
    file.refuse("V-97", "a token of Stytch's bound to a key", bound.build()?, WRONG_KIND);
    let imported = token.clone().claim("sub", json!("AbCdEf0123456789"));
    file.accept(
        "V-78",
        "an imported client's id",
        imported.build()?,
        json!({"client_id": "AbCdEf0123456789"}),
    );
    file.accept("V-79", "no jti", token.build()?, json!({"token_id": null}));
    file.accept(
        "V-82",
        "the same token again: bearer tokens may be replayed",
        token.build()?,
        json!({"client_id": CLIENT}),
    );
    Ok(())
}
