//! Is it a compact JWS of strict base64url and strict JSON?

use anyhow::Result;
use serde_json::json;

use super::ordinary;
use crate::corpus::File;
use crate::keys::{Keys, encode};
use crate::token::{CLIENT, Token};

const MALFORMED: &str = "malformed";

pub(super) fn file(keys: &Keys) -> Result<File> {
    let about =
        "Structure, base64url and JSON (RFC 7515, sections 2, 4, 7.1; RFC 7519, section 7.2)";
    let mut file = File::new("structure", about, ordinary(keys)?);
    let token = Token::new(keys);
    let good = token.build()?;
    file.accept("V-00", "an ordinary token", good.clone(), json!({"client_id": CLIENT}));
    parts(&mut file, &good);
    spellings(&mut file, &good);
    headers(&mut file, &token)?;
    payloads(&mut file, &token)?;
    Ok(file)
}

fn parts(file: &mut File, good: &str) {
    let mut parts = good.split('.');
    let mut part = || parts.next().unwrap_or_default().to_owned();
    let (header, payload, signature) = (part(), part(), part());
    for (name, token) in [
        ("the empty string", String::new()),
        ("one dot", ".".into()),
        ("two dots", "..".into()),
        ("one part", header.clone()),
        ("two parts", format!("{header}.{payload}")),
        ("four parts", format!("{good}.{signature}")),
        ("an empty fourth part", format!("{good}.")),
        ("an empty first part", format!(".{payload}.{signature}")),
        ("an empty second part", format!("{header}..{signature}")),
        ("an empty part in front", format!(".{good}")),
        ("six parts", format!("{good}.{good}")),
    ] {
        file.refuse("V-01", name, token, MALFORMED);
    }
    let jwe = format!("{}.a.b.c.d", encode(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#));
    file.refuse("V-02", "a JWE", jwe, MALFORMED);
    let p2c = r#"{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":2147483647,"p2s":"AA"}"#;
    let p2c = format!("{}.a.b.c.d", encode(p2c));
    file.refuse("V-02", "a JWE that asks for two billion rounds", p2c, MALFORMED);
    let flat = json!({"protected": header, "payload": payload, "signature": signature});
    file.refuse("V-03", "the flattened JSON serialization", flat.to_string(), MALFORMED);
    let general = json!({"payload": payload,
        "signatures": [{"protected": header, "signature": signature}]});
    file.refuse("V-03", "the general JSON serialization", general.to_string(), MALFORMED);
    file.refuse("V-04", "a mebibyte of dots", ".".into(), MALFORMED).repeat(1 << 20);
    file.refuse("V-05", "longer than 16 KiB", "a".into(), MALFORMED).repeat((16 << 10) + 1);
}

fn spellings(file: &mut File, good: &str) {
    let split: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = split.as_slice() else { return };
    let join = |h: &str, p: &str, s: &str| format!("{h}.{p}.{s}");
    file.refuse(
        "V-06",
        "padding on the header",
        join(&format!("{header}="), payload, signature),
        MALFORMED,
    );
    file.refuse(
        "V-06",
        "padding on the payload",
        join(header, &format!("{payload}="), signature),
        MALFORMED,
    );
    file.refuse(
        "V-06",
        "padding on the signature",
        join(header, payload, &format!("{signature}==")),
        MALFORMED,
    );
    file.refuse(
        "V-07",
        "trailing bits in the signature",
        join(header, payload, &sibling(signature)),
        MALFORMED,
    );
    file.refuse(
        "V-07",
        "trailing bits in the header",
        join(&sibling(header), payload, signature),
        MALFORMED,
    );
    for (name, character) in [
        ("a space", " "),
        ("a tab", "\t"),
        ("a line feed", "\n"),
        ("a NUL", "\0"),
        ("a question mark", "?"),
        ("a hash", "#"),
        ("a plus", "+"),
        ("a slash", "/"),
        ("a percent sign", "%3D"),
    ] {
        let cut = |text: &str| {
            let (left, right) = text.split_at(text.len() / 2);
            format!("{left}{character}{right}")
        };
        file.refuse(
            "V-08",
            &format!("{name} in the header"),
            join(&cut(header), payload, signature),
            MALFORMED,
        );
        file.refuse(
            "V-08",
            &format!("{name} in the payload"),
            join(header, &cut(payload), signature),
            MALFORMED,
        );
        file.refuse(
            "V-08",
            &format!("{name} in the signature"),
            join(header, payload, &cut(signature)),
            MALFORMED,
        );
    }
    file.refuse("V-08", "a space in front", format!(" {good}"), MALFORMED);
    file.refuse("V-08", "a line feed behind", format!("{good}\n"), MALFORMED);
    file.refuse("V-08", "with the scheme in front", format!("Bearer {good}"), MALFORMED);
    file.refuse("V-08", "in quotes", format!("\"{good}\""), MALFORMED);
    file.refuse("V-09", "a letter that is not ASCII", good.replacen('e', "\u{e9}", 1), MALFORMED);
    // U+0165 is 'e' in its low byte: a reader that cuts characters to bytes would see the good token.
    file.refuse("V-09", "a twin by its low byte", good.replacen('e', "\u{165}", 1), MALFORMED);
    file.refuse("V-09", "a NUL behind", format!("{good}\0"), MALFORMED);
    file.refuse("V-09", "a byte order mark in front", format!("\u{feff}{good}"), MALFORMED);
}

/// The same bytes to a sloppy decoder: the last character with its unused bits set.
fn sibling(text: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = text.split_at(text.len() - 1);
    let index = ALPHABET.find(last).unwrap_or_default();
    format!("{rest}{}", ALPHABET.chars().nth(index + 1).unwrap_or('B'))
}

fn headers(file: &mut File, token: &Token<'_>) -> Result<()> {
    let mut refuse = |id: &str, name: &str, text: Vec<u8>| {
        file.refuse(id, name, token.clone().header_text(text).build()?, MALFORMED);
        anyhow::Ok(())
    };
    let plain = r#"{"alg":"RS256","kid":"rsa_a","typ":"JWT"}"#;
    refuse(
        "V-10",
        "a header that is not UTF-8",
        [b"{\"alg\":\"RS256\",\"x\":\"\xff\"}".as_slice()].concat(),
    )?;
    refuse(
        "V-10",
        "a header in UTF-16",
        plain.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    )?;
    refuse("V-10", "a header behind a byte order mark", format!("\u{feff}{plain}").into())?;
    for (name, text) in [
        ("an array", r#"["alg","RS256"]"#),
        ("a string", r#""RS256""#),
        ("null", "null"),
        ("a number", "1"),
        ("two objects", r#"{"alg":"RS256"}{"alg":"RS256"}"#),
        ("a cut object", r#"{"alg":"RS256""#),
        ("a trailing comma", r#"{"alg":"RS256","kid":"rsa_a","typ":"JWT",}"#),
        ("a comment", r#"{"alg":"RS256"/**/,"kid":"rsa_a","typ":"JWT"}"#),
        ("nothing but space", " "),
    ] {
        refuse("V-11", &format!("a header that is {name}"), text.into())?;
    }
    for name in ["alg", "kid", "typ", "x"] {
        let text = format!(r#"{{"alg":"RS256","kid":"rsa_a","typ":"JWT","x":1,"{name}":"RS256"}}"#);
        refuse("V-12", &format!("`{name}` twice in the header"), text.into())?;
    }
    let escaped = r#"{"alg":"RS256","kid":"rsa_a","typ":"JWT","\u0061lg":"none"}"#;
    refuse("V-12", "`alg` twice in the header, once escaped", escaped.into())?;
    let nested = r#"{"alg":"RS256","kid":"rsa_a","typ":"JWT","x":{"a":1,"a":2}}"#;
    refuse("V-12", "a nested member twice in the header", nested.into())?;
    let long = format!(r#"{{"alg":"RS256","kid":"rsa_a","typ":"JWT","x":"{}"}}"#, "a".repeat(4096));
    refuse("V-15", "a header over 4 KiB", long.into())?;
    let many: String = (0..30).map(|n| format!(r#","x{n}":1"#)).collect();
    refuse(
        "V-15",
        "a header of 33 members",
        format!(r#"{{"alg":"RS256","kid":"rsa_a","typ":"JWT"{many}}}"#).into(),
    )?;
    let deep = format!(
        r#"{{"alg":"RS256","kid":"rsa_a","typ":"JWT","x":{}{}}}"#,
        "[".repeat(8),
        "]".repeat(8)
    );
    refuse("V-15", "a header nine levels deep", deep.into())?;
    refuse(
        "V-18",
        "a nested token, by `cty`",
        r#"{"alg":"RS256","kid":"rsa_a","typ":"JWT","cty":"JWT"}"#.into(),
    )?;
    refuse(
        "V-18",
        "a nested token, by `cty` in lower case",
        r#"{"alg":"RS256","kid":"rsa_a","typ":"JWT","cty":"application/jwt"}"#.into(),
    )?;

    let spaced = token
        .clone()
        .header_text(" {\n \"alg\" : \"RS256\",\t\"kid\":\"rsa_a\", \"typ\":\"JWT\" }\r\n");
    file.accept(
        "V-14",
        "white space in the header's JSON",
        spaced.build()?,
        json!({"client_id": CLIENT}),
    );
    let many: String = (0..29).map(|n| format!(r#","x{n}":1"#)).collect();
    let many =
        token.clone().header_text(format!(r#"{{"alg":"RS256","kid":"rsa_a","typ":"JWT"{many}}}"#));
    file.accept("V-15", "a header of 32 members", many.build()?, json!({"client_id": CLIENT}));
    let deep = format!(
        r#"{{"alg":"RS256","kid":"rsa_a","typ":"JWT","x":{}{}}}"#,
        "[".repeat(7),
        "]".repeat(7)
    );
    file.accept(
        "V-15",
        "a header eight levels deep",
        token.clone().header_text(deep).build()?,
        json!({"client_id": CLIENT}),
    );
    Ok(())
}

fn payloads(file: &mut File, token: &Token<'_>) -> Result<()> {
    let mut refuse = |id: &str, name: &str, text: Vec<u8>| {
        file.refuse(id, name, token.clone().payload_text(text).build()?, MALFORMED);
        anyhow::Ok(())
    };
    refuse("V-10", "a payload that is not UTF-8", b"{\"sub\":\"\xc3\x28\"}".to_vec())?;
    refuse(
        "V-10",
        "a payload in UTF-16",
        "{}".encode_utf16().flat_map(u16::to_le_bytes).collect(),
    )?;
    refuse("V-10", "a payload behind a byte order mark", "\u{feff}{}".into())?;
    for (name, text) in [
        ("an array", "[]"),
        ("a string", r#""x""#),
        ("null", "null"),
        ("a number", "0"),
        ("a cut object", "{"),
        ("an object and more", "{} x"),
        ("a lone surrogate", r#"{"sub":"\ud800"}"#),
        ("single quotes", "{'sub':'x'}"),
        ("a raw control character in a string", "{\"sub\":\"a\u{1}\"}"),
    ] {
        refuse("V-11", &format!("a payload that is {name}"), text.into())?;
    }
    for (name, member) in [
        ("exp", r#""exp":9999999999"#),
        ("iss", r#""iss":"evil""#),
        ("aud", r#""aud":"evil""#),
        ("sub", r#""sub":"evil""#),
        ("scope", r#""scope":"admin""#),
        ("nbf", r#""nbf":0"#),
        ("sub, once escaped", r#""\u0073ub":"evil""#),
        ("a custom claim", r#""role":"a","role":"b""#),
        ("a nested claim", r#""role":{"a":1,"a":2}"#),
        ("a claim nested in an array", r#""role":[{"a":1,"a":2}]"#),
    ] {
        let token = token.clone().payload_with(member).build()?;
        file.refuse("V-13", &format!("{name} twice in the payload"), token, MALFORMED);
    }
    let deep = |levels: usize| format!(r#""x":{}{}"#, "[".repeat(levels), "]".repeat(levels));
    file.refuse(
        "V-15",
        "a payload 33 levels deep",
        token.clone().payload_with(&deep(32)).build()?,
        MALFORMED,
    );
    file.refuse(
        "V-15",
        "a payload 2,000 levels deep",
        token.clone().payload_with(&deep(2000)).build()?,
        MALFORMED,
    );
    let members =
        |count: usize| (0..count).map(|n| format!(r#""x{n}":1"#)).collect::<Vec<_>>().join(",");
    file.refuse(
        "V-15",
        "a payload of 257 members",
        token.clone().payload_with(&members(250)).build()?,
        MALFORMED,
    );
    file.accept(
        "V-15",
        "a payload of 256 members",
        token.clone().payload_with(&members(249)).build()?,
        json!({"client_id": CLIENT}),
    );
    file.accept(
        "V-15",
        "a payload 32 levels deep",
        token.clone().payload_with(&deep(31)).build()?,
        json!({"client_id": CLIENT}),
    );

    let names = r#""__proto__":{"admin":true},"constructor":"c","toString":1"#;
    file.accept(
        "V-16",
        "claims that JavaScript's objects have by themselves",
        token.clone().payload_with(names).build()?,
        json!({"custom_claims": {"__proto__": {"admin": true}, "constructor": "c", "toString": 1}}),
    );
    file.accept(
        "V-17",
        "an integer beyond 2^53",
        token.clone().payload_with(r#""big":9007199254740993"#).build()?,
        json!({"custom_claims_json": r#"{"big":9007199254740993}"#}),
    );
    let claims =
        json!({"s": "text", "n": 1.5, "t": true, "z": null, "a": [1, "x"], "o": {"k": "\u{e9}"}});
    let mut rich = token.clone();
    for (name, value) in crate::token::object(claims.clone()) {
        rich = rich.claim(&name, value);
    }
    file.accept(
        "V-16",
        "custom claims of every type",
        rich.build()?,
        json!({"custom_claims": claims}),
    );
    file.accept("V-16", "no custom claim", token.build()?, json!({"custom_claims": {}}));
    Ok(())
}
