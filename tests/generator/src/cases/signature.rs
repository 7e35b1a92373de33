//! Does the signature hold?

use anyhow::Result;
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, digest};
use num_bigint::BigUint;
use serde_json::json;

use super::{allowing, jwk_with, key_set, ordinary};
use crate::corpus::File;
use crate::keys::{Keys, digest_info, padded, pkcs1};
use crate::token::{CLIENT, Token};

const INVALID: &str = "signature_invalid";

pub(super) fn file(keys: &Keys) -> Result<File> {
    let about = "Signatures (RFC 8017; RFC 7518, section 3.4; RFC 8037)";
    let mut file = File::new("signature", about, ordinary(keys)?);
    let token = Token::new(keys);
    rsa(&mut file, &token, keys)?;
    pss(&mut file, &token, keys)?;
    ecdsa(&mut file, &token, keys)?;
    changed(&mut file, &token)?;
    Ok(file)
}

fn rsa(file: &mut File, token: &Token<'_>, keys: &Keys) -> Result<()> {
    let input = token.input();
    let message = input.as_bytes();
    let good = keys.sign("rsa_a", "RS256", message)?;
    let n = keys.modulus("rsa_a")?;
    let s = BigUint::from_bytes_be(&good);
    file.refuse("V-50", "an empty signature", token.signed_by(""), INVALID);
    let one = BigUint::from(1u32);
    for (name, signature) in [
        ("one byte short", good.get(1..).unwrap_or_default().to_vec()),
        ("one byte cut off", good.get(..255).unwrap_or_default().to_vec()),
        ("one byte long, a zero in front", [vec![0], good.clone()].concat()),
        ("one byte long, a zero behind", [good.clone(), vec![0]].concat()),
        ("0", padded(&BigUint::from(0u32), 256)),
        ("1", padded(&one, 256)),
        ("n - 1", padded(&(&n - &one), 256)),
        ("n", padded(&n, 256)),
        ("s + n, in 257 bytes", padded(&(&s + &n), 257)),
        ("of 1,024 bytes", vec![1; 1024]),
        ("of 1,025 bytes", vec![1; 1025]),
        ("of 3,000 bytes", vec![1; 3000]),
        ("by another key", keys.sign("rsa_b", "RS256", message)?),
        ("over another text", keys.sign("rsa_a", "RS256", b"another text")?),
        ("by RS384", keys.sign("rsa_a", "RS384", message)?),
        ("by PS256", keys.sign("rsa_a", "PS256", message)?),
    ] {
        file.refuse("V-52", &format!("a signature {name}"), token.signed_by(signature), INVALID);
    }
    let block = pkcs1(&SHA256, message, 256)?;
    let info = digest_info(&SHA256, message);
    let edit = |at: usize, byte: u8| {
        let mut block = block.clone();
        if let Some(place) = block.get_mut(at) {
            *place = byte;
        }
        block
    };
    let short =
        [vec![0, 1], vec![0xff; 8], vec![0], info.clone(), vec![0; 256 - 11 - info.len()]].concat();
    let garbage = |fill: usize, tail: u8| {
        let used = 3 + fill + info.len();
        [vec![0, 1], vec![0xff; fill], vec![0], info.clone(), vec![tail; 256 - used]].concat()
    };
    let hash = digest(&SHA256, message).as_ref().to_vec();
    let bare = [vec![0, 1], vec![0xff; 256 - 3 - hash.len()], vec![0], hash.clone()].concat();
    let no_null = {
        let info = [
            vec![0x30, 47, 0x30, 11, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 4, 32],
            hash.clone(),
        ]
        .concat();
        [vec![0, 1], vec![0xff; 256 - 3 - info.len()], vec![0], info].concat()
    };
    let sha1 = {
        let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, message);
        let info = [
            vec![0x30, 33, 0x30, 9, 6, 5, 0x2b, 0x0e, 3, 2, 0x1a, 5, 0, 4, 20],
            hash.as_ref().to_vec(),
        ]
        .concat();
        [vec![0, 1], vec![0xff; 256 - 3 - info.len()], vec![0], info].concat()
    };
    for (name, block) in [
        ("block type 0", edit(1, 0)),
        ("block type 2", edit(1, 2)),
        ("a first byte of 1", edit(0, 1)),
        ("a filler byte of 0", edit(100, 0)),
        ("a filler byte of 0xfe", edit(100, 0xfe)),
        ("no zero before the digest", edit(256 - info.len() - 1, 0xff)),
        ("a changed digest", edit(255, block.last().copied().unwrap_or_default() ^ 1)),
        ("a changed object identifier", edit(256 - 40, 1)),
        ("eight filler bytes and zeros behind", short),
        ("zeros behind the digest", garbage(150, 0)),
        ("garbage behind the digest", garbage(150, 0x5a)),
        ("the digest without DigestInfo", bare),
        ("DigestInfo without NULL", no_null),
        ("SHA-1", sha1),
        ("SHA-384", pkcs1(&SHA384, message, 256)?),
    ] {
        file.refuse(
            "V-51",
            &format!("PKCS#1 padding with {name}"),
            token.signed_by(keys.raw("rsa_a", &block)?),
            INVALID,
        );
    }
    Ok(())
}

fn pss(file: &mut File, token: &Token<'_>, keys: &Keys) -> Result<()> {
    let token = token.clone().by("rsa_a", "PS256");
    let input = token.input();
    let issuers = allowing(&["PS256"], key_set([jwk_with(keys, "rsa_a", "alg", json!("PS256"))?]));
    for (name, salt) in [("0", 0), ("20", 20), ("31", 31), ("33", 33), ("64", 64), ("222", 222)] {
        let block = keys.pss("rsa_a", &SHA256, input.as_bytes(), &vec![7; salt])?;
        file.refuse(
            "V-56",
            &format!("PSS with a salt of {name} bytes"),
            token.signed_by(keys.raw("rsa_a", &block)?),
            INVALID,
        )
        .issuers(issuers.clone());
    }
    let block = keys.pss("rsa_a", &SHA256, input.as_bytes(), &[7; 32])?;
    file.accept(
        "V-56",
        "PSS with a salt of 32 bytes",
        token.signed_by(keys.raw("rsa_a", &block)?),
        json!({"client_id": CLIENT}),
    )
    .issuers(issuers.clone());
    let pkcs1 = keys.sign("rsa_a", "RS256", input.as_bytes())?;
    file.refuse("V-56", "PKCS#1 padding where PSS is named", token.signed_by(pkcs1), INVALID)
        .issuers(issuers);
    Ok(())
}

fn ecdsa(file: &mut File, token: &Token<'_>, keys: &Keys) -> Result<()> {
    let token = token.clone().by("p256", "ES256");
    let input = token.input();
    let good = keys.sign("p256", "ES256", input.as_bytes())?;
    let issuers = allowing(&["ES256", "EdDSA"], key_set([keys.jwk("p256")?, keys.jwk("ed25519")?]));
    let order = BigUint::parse_bytes(
        b"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        16,
    )
    .unwrap_or_default();
    let (r, s) = good.split_at(32);
    let n = padded(&order, 32);
    let above = padded(&(&order + 1u32), 32);
    let zero = vec![0; 32];
    let pair = |a: &[u8], b: &[u8]| [a, b].concat();
    for (id, name, signature) in [
        ("V-53", "all zeros", vec![0; 64]),
        ("V-53", "r of 0", pair(&zero, s)),
        ("V-53", "s of 0", pair(r, &zero)),
        ("V-53", "r of n", pair(&n, s)),
        ("V-53", "s of n", pair(r, &n)),
        ("V-53", "r and s of n", pair(&n, &n)),
        ("V-53", "r above n", pair(&above, s)),
        ("V-53", "s above n", pair(r, &above)),
        ("V-53", "all ones", vec![0xff; 64]),
        (
            "V-53",
            "r of 1 and s of 1",
            pair(&padded(&BigUint::from(1u32), 32), &padded(&BigUint::from(1u32), 32)),
        ),
        ("V-54", "in DER", keys.sign_der(input.as_bytes())?),
        ("V-54", "of 63 bytes", good.get(..63).unwrap_or_default().to_vec()),
        ("V-54", "of 65 bytes", [good.clone(), vec![0]].concat()),
        ("V-54", "of 96 bytes", [vec![0; 16], r.to_vec(), vec![0; 16], s.to_vec()].concat()),
        ("V-50", "empty", Vec::new()),
        ("V-53", "with r and s swapped", pair(s, r)),
    ] {
        file.refuse(id, &format!("an ECDSA signature {name}"), token.signed_by(signature), INVALID)
            .issuers(issuers.clone());
    }
    let high = padded(&(&order - BigUint::from_bytes_be(s)), 32);
    file.accept(
        "V-55",
        "the twin of an ECDSA signature, (r, n - s)",
        token.signed_by(pair(r, &high)),
        json!({"client_id": CLIENT}),
    )
    .issuers(issuers.clone());
    let token = Token::new(keys).by("ed25519", "EdDSA");
    let good = keys.sign("ed25519", "EdDSA", token.input().as_bytes())?;
    let mut changed = good.clone();
    changed.iter_mut().take(1).for_each(|byte| *byte ^= 1);
    for (name, signature) in [
        ("changed in one bit", changed),
        ("of 63 bytes", good.get(..63).unwrap_or_default().to_vec()),
        ("all zeros", vec![0; 64]),
    ] {
        file.refuse(
            "V-54",
            &format!("an Ed25519 signature {name}"),
            token.signed_by(signature),
            INVALID,
        )
        .issuers(issuers.clone());
    }
    Ok(())
}

fn changed(file: &mut File, token: &Token<'_>) -> Result<()> {
    let good = token.build()?;
    let (input, signature) = good.rsplit_once('.').unwrap_or_default();
    let reheaded = token.clone().header("x", json!(1)).input();
    file.refuse(
        "V-57",
        "a header changed after signing",
        format!("{reheaded}.{signature}"),
        INVALID,
    );
    for (name, claim, value) in [
        ("more scope", "scope", json!("read:users write:users admin")),
        ("another subject", "sub", json!("m2m-client-test-evil")),
        ("a later expiry", "exp", json!(9_999_999_999i64)),
    ] {
        let changed = token.clone().claim(claim, value).input();
        file.refuse(
            "V-57",
            &format!("a payload changed after signing: {name}"),
            format!("{changed}.{signature}"),
            INVALID,
        );
    }
    let junk = token.clone().payload_text("not JSON").input();
    file.refuse(
        "V-57",
        "a payload that is no JSON, unsigned: it is never parsed",
        format!("{junk}.{signature}"),
        INVALID,
    );
    let mut chars: Vec<char> = signature.chars().collect();
    if let Some(first) = chars.first_mut() {
        *first = if *first == 'A' { 'B' } else { 'A' };
    }
    file.refuse(
        "V-57",
        "a signature changed in one character",
        format!("{input}.{}", chars.iter().collect::<String>()),
        INVALID,
    );
    Ok(())
}
