//! What a file of vectors holds.

use serde::Serialize;
use serde_json::{Value, json};

/// The time at which every token is judged, in Unix seconds.
pub(crate) const NOW: i64 = 1_800_000_000;
pub(crate) const PROJECT: &str = "project-test-11111111-1111-4111-8111-111111111111";

/// One file.
#[derive(Serialize)]
pub(crate) struct File {
    #[serde(skip)]
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) now: i64,
    /// The verifier's issuers where a case brings none of its own.
    pub(crate) issuers: Value,
    /// The providers whose tokens the cases are, for the guide's table.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) providers: Vec<Value>,
    pub(crate) cases: Vec<Case>,
}

#[derive(Serialize)]
pub(crate) struct Case {
    /// The row of the requirements that it shows.
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) issuers: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) options: Option<Value>,
    pub(crate) token: String,
    /// The token is `token` this many times over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) repeat: Option<usize>,
    pub(crate) expect: Value,
}

impl Case {
    pub(crate) fn issuers(&mut self, issuers: Value) -> &mut Self {
        self.issuers = Some(issuers);
        self
    }

    pub(crate) fn options(&mut self, options: Value) -> &mut Self {
        self.options = Some(options);
        self
    }

    pub(crate) fn repeat(&mut self, count: usize) -> &mut Self {
        self.repeat = Some(count);
        self
    }
}

impl File {
    pub(crate) fn new(name: &'static str, about: &'static str, issuers: Value) -> Self {
        Self { name, about, now: NOW, issuers, providers: Vec::new(), cases: Vec::new() }
    }

    pub(crate) fn case(&mut self, id: &str, name: &str, token: String, expect: Value) -> &mut Case {
        self.cases.push(Case {
            id: id.to_owned(),
            name: name.to_owned(),
            issuers: None,
            options: None,
            token,
            repeat: None,
            expect,
        });
        let last = self.cases.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "it was pushed just now")]
        &mut self.cases[last]
    }

    /// The token is accepted, and the result has these members.
    pub(crate) fn accept(&mut self, id: &str, name: &str, token: String, ok: Value) -> &mut Case {
        self.case(id, name, token, json!({"ok": ok}))
    }

    /// The token is refused as invalid, for this reason.
    pub(crate) fn refuse(
        &mut self,
        id: &str,
        name: &str,
        token: String,
        reason: &str,
    ) -> &mut Case {
        self.case(id, name, token, json!({"code": "invalid_token", "reason": reason}))
    }

    /// The token is refused for one claim.
    pub(crate) fn refuse_claim(
        &mut self,
        id: &str,
        name: &str,
        token: String,
        (reason, claim): (&str, &str),
    ) -> &mut Case {
        let expect = json!({"code": "invalid_token", "reason": reason, "claim": claim});
        self.case(id, name, token, expect)
    }

    /// The token is good, and lacks these scopes.
    pub(crate) fn lacks(
        &mut self,
        id: &str,
        name: &str,
        token: String,
        (required, missing): (&[&str], &[&str]),
    ) -> &mut Case {
        let expect = json!({"code": "insufficient_scope", "missing_scopes": missing});
        self.case(id, name, token, expect).options(json!({"required_scopes": required}))
    }

    /// The options are wrong.
    pub(crate) fn config(&mut self, id: &str, name: &str, token: String, options: Value) {
        let field = options.as_object().and_then(|o| o.keys().next().cloned());
        let expect = json!({"code": "invalid_config", "field": field});
        self.case(id, name, token, expect).options(options);
    }
}
