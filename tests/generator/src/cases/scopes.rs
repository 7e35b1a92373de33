//! Is the scope there?

use anyhow::Result;
use serde_json::{Value, json};

use super::{ordinary, with};
use crate::corpus::File;
use crate::keys::Keys;
use crate::token::{CLIENT, Token};

pub(super) fn file(keys: &Keys) -> Result<File> {
    let about = "Scopes (RFC 6749, section 3.3): `action:resource`, and `action:*` for every resource of an action";
    let mut file = File::new("scopes", about, ordinary(keys)?);
    let token = Token::new(keys);
    shapes(&mut file, &token, keys)?;
    grants(&mut file, &token)?;
    for (name, scopes) in [
        ("an empty scope", json!([""])),
        ("a scope with a space", json!(["read users"])),
        ("a scope with a tab", json!(["read\tusers"])),
        ("a scope that is not ASCII", json!(["lire:\u{e9}t\u{e9}"])),
        ("a good scope and a bad one", json!(["read:users", "a b"])),
        ("a scope with a quote", json!(["a\"b"])),
        ("a scope with a line feed", json!(["a\nb"])),
    ] {
        file.config(
            "V-93",
            &format!("required: {name}"),
            token.build()?,
            json!({"required_scopes": scopes}),
        );
    }
    Ok(file)
}

fn shapes(file: &mut File, token: &Token<'_>, keys: &Keys) -> Result<()> {
    let none = token.clone().no_claim("scope").build()?;
    file.accept("V-83", "no scope, none required", none.clone(), json!({"scopes": []}));
    file.lacks("V-83", "no scope, one required", none, (&["read:users"], &["read:users"]));
    let scope = |value: Value| token.clone().claim("scope", value).build();
    let array = scope(json!(["read:users", "write:users"]))?;
    file.refuse_claim("V-84", "an array", array.clone(), ("claim_invalid", "scope"));
    file.accept(
        "V-84",
        "an array, where that is allowed",
        array,
        json!({"scopes": ["read:users", "write:users"]}),
    )
    .issuers(with(ordinary(keys)?, "accept_scope_array", json!(true)))
    .options(json!({"required_scopes": ["write:users"]}));
    file.refuse_claim(
        "V-84",
        "an array with a number, where arrays are allowed",
        scope(json!(["read:users", 1]))?,
        ("claim_invalid", "scope"),
    )
    .issuers(with(ordinary(keys)?, "accept_scope_array", json!(true)));
    for (name, value) in [
        ("a number", json!(1)),
        ("null", Value::Null),
        ("an object", json!({"read": true})),
        ("true", json!(true)),
    ] {
        file.refuse_claim(
            "V-85",
            &format!("scope is {name}"),
            scope(value)?,
            ("claim_invalid", "scope"),
        );
    }
    for (name, text, scopes) in [
        ("two spaces between", "a  b", json!(["a", "b"])),
        ("a space in front", " a b", json!(["a", "b"])),
        ("a space behind", "a b ", json!(["a", "b"])),
        ("nothing but spaces", "   ", json!([])),
        ("the empty string", "", json!([])),
        ("one twice", "a a", json!(["a", "a"])),
    ] {
        file.accept("V-86", name, scope(json!(text))?, json!({"scopes": scopes}));
    }
    for (name, text) in [
        ("a tab", "read:users\twrite:users"),
        ("a no-break space", "read:users\u{a0}write:users"),
        ("an em space", "read:users\u{2003}write:users"),
        ("a line feed", "read:users\nwrite:users"),
        ("a comma", "read:users,write:users"),
        ("a NUL", "read:users\u{0}write:users"),
    ] {
        file.lacks(
            "V-87",
            &format!("{name} does not separate"),
            scope(json!(text))?,
            (&["write:users"], &["write:users"]),
        );
        file.lacks(
            "V-87",
            &format!("{name} does not end a scope"),
            scope(json!(text))?,
            (&["read:users"], &["read:users"]),
        );
    }
    file.accept(
        "V-87",
        "a scope beside one that is none",
        scope(json!("read:users a\tb"))?,
        json!({"scopes": ["read:users"]}),
    )
    .options(json!({"required_scopes": ["read:users"]}));
    let many: Vec<String> = (0..1001).map(|n| format!("s{n}")).collect();
    file.refuse("V-95", "1,001 scopes", scope(json!(many.join(" ")))?, "malformed");
    file.refuse("V-95", "a scope of 257 bytes", scope(json!("s".repeat(257)))?, "malformed");
    file.accept(
        "V-95",
        "a scope of 256 bytes",
        scope(json!("s".repeat(256)))?,
        json!({"client_id": CLIENT}),
    );
    Ok(())
}

fn grants(file: &mut File, token: &Token<'_>) -> Result<()> {
    let scope = |text: &str| token.clone().claim("scope", json!(text)).build();
    for (id, held, required) in [
        ("V-88", "a:b:c", "a:b:c"),
        ("V-88", "a:*", "a:b:c"),
        ("V-88", "read:users:self x:y:z", "read:users:self"),
        ("V-89", "read:*", "read:users"),
        ("V-89", "read:*", "read:users:1"),
        ("V-89", "read:*", "read:*"),
        ("V-89", "x read:* y", "read:a"),
        ("V-91", "read:-", "read:-"),
        ("V-91", "read", "read"),
        ("V-92", "*", "*"),
        ("V-92", "*:*", "*:*"),
        ("V-92", "read:us*", "read:us*"),
        ("V-92", ":x", ":x"),
        ("V-92", "read:", "read:"),
        ("V-94", "constructor __proto__ toString:x", "constructor"),
        ("V-94", "constructor __proto__ toString:x", "__proto__"),
        ("V-94", "constructor __proto__ toString:x", "toString:x"),
        ("V-94", "hasOwnProperty:*", "hasOwnProperty:x"),
    ] {
        file.accept(
            id,
            &format!("{held:?} grants {required:?}"),
            scope(held)?,
            json!({"client_id": CLIENT}),
        )
        .options(json!({"required_scopes": [required]}));
    }
    for (id, held, required) in [
        ("V-88", "read:users:self", "read:users:all"),
        ("V-88", "read:users", "read:users:admin"),
        ("V-88", "read:users:admin", "read:users"),
        ("V-88", "a:b:*", "a:b:c"),
        ("V-89", "read:*", "write:users"),
        ("V-89", "read:*", "read:"),
        ("V-89", "read:*", "reader:x"),
        ("V-89", "read:**", "read:users"),
        ("V-90", "read:*", "read"),
        ("V-91", "read:-", "read"),
        ("V-91", "read", "read:-"),
        ("V-91", "read", "read:users"),
        ("V-92", "*", "read:users"),
        ("V-92", "*", "read"),
        ("V-92", "*:*", "read:users"),
        ("V-92", "*:users", "read:users"),
        ("V-92", ":*", ":x"),
        ("V-92", ":x", "read:x"),
        ("V-92", "read:", "read:users"),
        ("V-92", "read:us*", "read:users"),
        ("V-92", "read:users", "read:*"),
        ("V-92", "READ:USERS", "read:users"),
        ("V-92", "read:*", "READ:users"),
        ("V-92", "read:users", "read:user"),
        ("V-94", "a", "constructor"),
        ("V-94", "a", "toString"),
        ("V-94", "a:b", "__proto__:b"),
    ] {
        file.lacks(
            id,
            &format!("{held:?} does not grant {required:?}"),
            scope(held)?,
            (&[required], &[required]),
        );
    }
    file.lacks(
        "V-83",
        "of three, two lack",
        scope("a b:*")?,
        (&["c", "b:x", "d:e"], &["c", "d:e"]),
    );
    file.accept("V-83", "all of three", scope("a b:* c")?, json!({"client_id": CLIENT}))
        .options(json!({"required_scopes": ["c", "b:x", "a"]}));
    file.accept(
        "V-83",
        "an empty list requires nothing",
        scope("a")?,
        json!({"client_id": CLIENT}),
    )
    .options(json!({"required_scopes": []}));
    Ok(())
}
