//! Prepares a server's texts for an error: short, printable, and without the secrets of the
//! request. Servers repeat parts of a request in messages, links and ids.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use memchr::memmem;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde::Deserialize;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::secret::Secret;
use crate::text::visible;

/// Maximum bytes of a server's text in an error.
const LONGEST: usize = 1024;
/// Maximum bytes of a server's text that are searched for secrets.
const READ: usize = 8 * LONGEST;
/// Minimum length of a run of a secret's bytes that is redacted.
const RUN: usize = 8;
const REDACTED: &str = "[REDACTED]";

/// The secret parts of a request.
#[derive(Clone, Default)]
pub(crate) struct Sent {
    authorization: Option<HeaderValue>,
    body: Bytes,
}

const SECRET_PARAMETERS: [&str; 3] = ["client_secret", "client_assertion", "assertion"];

/// The secret members and parameters of requests.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Secrets {
    client_secret: Option<Secret>,
    client_assertion: Option<Secret>,
    assertion: Option<Secret>,
}

impl Sent {
    /// The secrets of a request with this body.
    pub(super) fn of(request: &reqwest::Request, body: Bytes) -> Self {
        Self { authorization: request.headers().get(AUTHORIZATION).cloned(), body }
    }

    /// Prepares a server's `text` for an error.
    pub(crate) fn clean(&self, text: &str) -> String {
        self.cleaner().clean(text)
    }

    /// Prepares several texts for an error.
    pub(crate) fn cleaner(&self) -> Cleaner {
        let secrets = self.secrets();
        let needles: Vec<_> = secrets.iter().flat_map(|secret| forms(secret.expose())).collect();
        let long = needles.iter().filter(|needle| needle.len() >= RUN);
        let runs = long.flat_map(|needle| runs_of(needle)).collect();
        let short = needles.into_iter().filter(|needle| (1..RUN).contains(&needle.len())).collect();
        Cleaner { runs, short }
    }

    fn secrets(&self) -> Vec<Secret> {
        let mut secrets = Vec::new();
        if let Some(value) = self.authorization.as_ref().and_then(|value| value.to_str().ok()) {
            let (_, credential) = value.split_once(' ').unwrap_or(("", value));
            secrets.push(Secret::from(credential));
            let pair =
                STANDARD.decode(credential).ok().and_then(|pair| String::from_utf8(pair).ok());
            let pair = pair.map(Zeroizing::new);
            if let Some((_, password)) = pair.as_ref().and_then(|pair| pair.split_once(':')) {
                secrets.push(Secret::from(password));
                // A client's secret is form-encoded (RFC 6749, section 2.3.1).
                let pair = format!("p={password}");
                let decoded = form_urlencoded::parse(pair.as_bytes()).next();
                secrets.extend(decoded.map(|(_, password)| Secret::from(&*password)));
            }
        }
        let json = serde_json::from_slice::<Secrets>(&self.body);
        let Secrets { client_secret, client_assertion, assertion } = json.unwrap_or_default();
        secrets.extend([client_secret, client_assertion, assertion].into_iter().flatten());
        let form = form_urlencoded::parse(&self.body);
        let form = form.filter(|(name, _)| SECRET_PARAMETERS.contains(&&**name));
        secrets.extend(form.map(|(_, value)| Secret::from(value.into_owned())));
        secrets
    }
}

/// Finds the secrets of a request in a server's texts, in every form in which the server may repeat
/// them.
pub(crate) struct Cleaner {
    runs: HashSet<[u8; RUN]>,
    /// Forms that are shorter than a run.
    short: Vec<Zeroizing<String>>,
}

impl Cleaner {
    /// Prepares a server's `text` for an error.
    pub(crate) fn clean(&self, text: &str) -> String {
        let read = start_of(text, READ);
        let shown = visible(&self.cut(read));
        if shown.len() <= LONGEST && read.len() == text.len() {
            return shown;
        }
        format!("{}…", start_of(&shown, LONGEST - '…'.len_utf8()))
    }

    fn cut(&self, text: &str) -> String {
        let mut secret = vec![false; text.len()];
        let mut mark = |start: usize, length: usize| {
            secret.iter_mut().skip(start).take(length).for_each(|byte| *byte = true);
        };
        for (start, run) in runs_of(text).enumerate() {
            if self.runs.contains(&run) {
                mark(start, RUN);
            }
        }
        for needle in &self.short {
            for start in memmem::find_iter(text.as_bytes(), needle.as_bytes()) {
                mark(start, needle.len());
            }
        }
        let mut left = String::with_capacity(text.len());
        let mut is_cut = false;
        for (start, c) in text.char_indices() {
            let marked = secret.iter().skip(start).take(c.len_utf8()).any(|byte| *byte);
            match (marked, is_cut) {
                (true, false) => left.push_str(REDACTED),
                (true, true) => {}
                (false, _) => left.push(c),
            }
            is_cut = marked;
        }
        left
    }
}

/// All runs of bytes of `text`, in order.
fn runs_of(text: &str) -> impl Iterator<Item = [u8; RUN]> {
    text.as_bytes().windows(RUN).filter_map(|run| run.try_into().ok())
}

/// The start of `text`, up to this many bytes.
fn start_of(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or_default()).unwrap_or_default()
}

/// The forms of a secret: unchanged, percent-encoded, escaped in JSON and HTML, and within base64.
fn forms(secret: &str) -> Vec<Zeroizing<String>> {
    let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let percent = form.replace('+', "%20");
    let json = serde_json::to_string(secret).unwrap_or_default();
    // Without the quotes around it.
    let json = json.get(1..json.len().saturating_sub(1)).unwrap_or_default().to_owned();
    let careful = json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    let named = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let html = named.replace('"', "&quot;").replace('\'', "&#39;");
    let numbered = named.replace('"', "&#34;").replace('\'', "&#x27;");
    let mut forms = vec![
        secret.to_owned(),
        form.to_ascii_lowercase(),
        form,
        percent.to_ascii_lowercase(),
        percent,
        json.replace('/', "\\/"),
        careful,
        json,
        html,
        numbered,
    ];
    forms.extend((0..3).flat_map(|offset| within_base64(secret, offset)));
    let mut seen = HashSet::new();
    forms.retain(|form| seen.insert(form.clone()));
    forms.into_iter().map(Zeroizing::new).collect()
}

/// The base64 of `secret` after `offset` bytes of a group of three.
fn within_base64(secret: &str, offset: usize) -> Vec<String> {
    let mut bytes = Zeroizing::new(vec![0; offset]);
    bytes.extend_from_slice(secret.as_bytes());
    // Characters that also encode adjacent bytes are dropped.
    let before = (offset * 8).div_ceil(6);
    let whole = bytes.len() * 8 / 6;
    let part = |text: String| text.get(before..whole).unwrap_or_default().to_owned();
    let parts = [STANDARD_NO_PAD.encode(&*bytes), URL_SAFE_NO_PAD.encode(&*bytes)].map(part);
    parts.into_iter().filter(|part| part.len() >= RUN).collect()
}
