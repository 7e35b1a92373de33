use serde_json::json;

use super::*;

fn try_render(template: &str, request: &Value, metadata: &Value) -> Result<Value, TemplateError> {
    let request = request.as_object().unwrap();
    let trusted_metadata = metadata.as_object().unwrap();
    let variables = Variables { request, trusted_metadata };
    Template::parse(template)?.render(variables).map(Value::from)
}

fn render(template: &str, request: Value) -> Value {
    try_render(template, &request, &json!({})).unwrap()
}

#[test]
fn values_keep_their_types() {
    let template = r#"{"a": {{ request.a }}, "b": {{request.b.c}}, "d": {"e": {{ request.e }}}}"#;
    let request = json!({ "a": "x\"}", "b": { "c": [1, true] }, "e": 2 });
    let expected = json!({ "a": "x\"}", "b": [1, true], "d": { "e": 2 } });
    assert_eq!(render(template, request), expected);
}

#[test]
fn what_the_request_lacks_the_claims_lack() {
    let template = r#"{"a": {{ request.a }}, "b": {"c": {{ request.b.c }}, "d": 1}}"#;
    assert_eq!(render(template, json!({ "b": 3 })), json!({ "b": { "d": 1 } }));
}

#[test]
fn metadata_is_the_projects_word_and_a_request_the_callers() {
    let template = r#"{
        "org_id": {{ client.trusted_metadata.organization_id }},
        "region": {{client.trusted_metadata.place.region}},
        "places": [{{ client.trusted_metadata.place }}],
        "said": {{ request.organization_id }}
    }"#;
    let metadata = json!({ "organization_id": "org-a", "place": { "region": "eu" } });
    // Everything that a caller can name like the metadata.
    let request = json!({
        "organization_id": "org-b",
        "trusted_metadata": { "organization_id": "org-b" },
        "client": { "trusted_metadata": { "organization_id": "org-b" } },
        "client.trusted_metadata.organization_id": "org-b",
    });
    let expected = json!({
        "org_id": "org-a", "region": "eu", "places": [{ "region": "eu" }], "said": "org-b",
    });
    assert_eq!(try_render(template, &request, &metadata), Ok(expected));
    // What the metadata lacks, no caller can add.
    let lacking = json!({ "places": [null], "said": "org-b" });
    assert_eq!(try_render(template, &request, &json!({ "place": null })), Ok(lacking));
    let scalar = json!({ "places": ["eu"], "said": "org-b" });
    assert_eq!(try_render(template, &request, &json!({ "place": "eu" })), Ok(scalar));
}

#[test]
fn no_value_breaks_out_of_its_place() {
    let template = r#"{"a": {{ request.a }}, "b": {{ client.trusted_metadata.b }}, "z": "last"}"#;
    let texts = [
        r#"x", "org_id": "org-b"#,
        r#"x\", "org_id": "org-b"#,
        r#"\"#,
        r#"\\""#,
        r#"{"org_id": "org-b"}"#,
        "{{ client.trusted_metadata.b }}",
        "}}, \"org_id\": 1, \"x\": {{",
        "line\nbreak\r\t\u{0}\u{1f}\u{7f}\u{2028}\u{feff}",
        "\u{202e}\u{1f600}",
    ];
    for text in texts {
        for value in [json!(text), json!([text]), json!({ text: text, "sub": text, "aud": [] })] {
            let expected = json!({ "a": value, "b": value, "z": "last" });
            let rendered = try_render(template, &json!({ "a": value }), &json!({ "b": value }));
            assert_eq!(rendered, Ok(expected), "{text}");
        }
    }
}

#[test]
fn no_template_has_a_variable_inside_a_string_or_a_name() {
    for template in [
        r#"{"a": "{{ request.a }}"}"#,
        r#"{"a": "{{ request.a }}{{ request.b }}"}"#,
        r#"{"a": "{{ request.a }},{{ request.b }}"}"#,
        r#"{"a": "\{{ request.a }}"}"#,
        r#"{"a": "\{{ request.a }}\"}"#,
        r#"{"a": "\u000{{ request.a }}"}"#,
        r#"{"a": "\\{{ request.a }}\\"}"#,
        r#"{"a": "": {{ request.a }}": 1}"#,
        r#"{"{{ request.a }}": 1}"#,
        r#"{{{ request.a }}: 1}"#,
        r#"{"a": 1{{ request.a }}}"#,
        r#"{"a": -{{ request.a }}}"#,
        r#"{"a": 0.{{ request.a }}}"#,
        r#"{"a": 1e{{ request.a }}}"#,
        r#"{"a": {{ request.a }}{{ request.b }}}"#,
        r#"{"a": {{ request.a }} {{ request.b }}}"#,
        r#"{"a": 1, {{ request.a }}}"#,
        r#"{{ request.a }}"#,
        r#"[{{ request.a }}]"#,
    ] {
        let error = Template::parse(template).err();
        assert!(
            matches!(error, Some(TemplateError::InvalidJson | TemplateError::InvalidTag)),
            "{template}: {error:?}"
        );
    }
}

#[test]
fn a_deeply_nested_value_is_an_error() {
    let nested = |depth: usize| {
        let text = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        json!({ "a": serde_json::from_str::<Value>(&text).unwrap() })
    };
    let template = r#"{"a": {"a": {"a": {{ request.a }}}}}"#;
    assert!(try_render(template, &nested(100), &json!({})).is_ok());
    let error = try_render(template, &nested(127), &json!({}));
    assert_eq!(error, Err(TemplateError::InvalidJson));
}

#[test]
fn what_proves_the_identity_stays_out() {
    for name in CREDENTIALS {
        let template =
            format!(r#"{{"a": {{{{ request.{name} }}}}, "b": {{{{ request.{name}.x }}}}}}"#);
        assert_eq!(render(&template, json!({ name: { "x": "secret" } })), json!({}));
    }
}

#[test]
fn mistakes_have_their_error_types() {
    let cases = [
        ("", TemplateError::InvalidJson),
        ("[]", TemplateError::InvalidJson),
        (r#"{"a": "{{ request.a }}"}"#, TemplateError::InvalidJson),
        (r#"{"a": "b {{ request.a }}"}"#, TemplateError::InvalidJson),
        (r#"{ {{ request.a }}: 1}"#, TemplateError::InvalidJson),
        (r#"{"a": {{ request.a }"#, TemplateError::MismatchedTag),
        (r#"{"a": {{ user.a }}}"#, TemplateError::InvalidTag),
        (r#"{"a": {{ request }}}"#, TemplateError::InvalidTag),
        (r#"{"a": {{ request. }}}"#, TemplateError::InvalidTag),
        (r#"{"a": {{ request.a b }}}"#, TemplateError::InvalidTag),
        (r#"{"a": {{ request.a..b }}}"#, TemplateError::InvalidTag),
        (r#"{"a": {{ request.a{{b }}}"#, TemplateError::InvalidTag),
        (r#"{"a": {{ request.a"b }}}"#, TemplateError::InvalidTag),
        (r#"{"a": {{ Request.a }}}"#, TemplateError::InvalidTag),
        (r#"{"a": {{ }}}"#, TemplateError::InvalidTag),
        (r#"{"a": {{ client }}}"#, TemplateError::InvalidTag),
        (r#"{"a": {{ client.client_id }}}"#, TemplateError::InvalidTag),
        (r#"{"a": {{ client.client_secret }}}"#, TemplateError::InvalidTag),
        (r#"{"a": {{ client.trusted_metadata }}}"#, TemplateError::InvalidTag),
        (r#"{"a": {{ client.trusted_metadata. }}}"#, TemplateError::InvalidTag),
        (r#"{"a": {{ client.trusted_metadata.a. }}}"#, TemplateError::InvalidTag),
        (r#"{"a": {{ client.trusted_metadata_a }}}"#, TemplateError::InvalidTag),
        (r#"{"a": {{ client . trusted_metadata . a }}}"#, TemplateError::InvalidTag),
        (r#"{"a": {{ client.trusted_metadata.a }"#, TemplateError::MismatchedTag),
        (r#"{"a": "{{"}"#, TemplateError::MismatchedTag),
        (r#"{"s\u0075b": {{ request.a }}}"#, TemplateError::ReservedClaim),
        (r#"{"sub": "x"}"#, TemplateError::ReservedClaim),
        (r#"{"https://stytch.com/x": 1}"#, TemplateError::StytchClaim),
    ];
    for (template, error) in cases {
        assert_eq!(Template::parse(template).err(), Some(error), "{template}");
    }
}

#[test]
fn claims_have_four_kilobytes_at_most() {
    for template in [r#"{"a": {{ request.a }}}"#, r#"{"a": {{ client.trusted_metadata.a }}}"#] {
        let values = |n| json!({ "a": "x".repeat(n) });
        assert!(try_render(template, &values(4088), &values(4088)).is_ok());
        let error = try_render(template, &values(4089), &values(4089));
        assert_eq!(error, Err(TemplateError::TooLarge));
    }
}
