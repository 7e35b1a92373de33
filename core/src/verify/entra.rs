//! Microsoft Entra ID: the tenant that an issuer's name contains, and the tenants of a key.
//!
//! Entra signs the tokens of all tenants with the same keys, and publishes for each key whose
//! tokens it signs.

/// What surrounds the tenant in the `iss` of tokens of version 2.0 and 1.0.
const FORMS: [(&str, &str); 2] =
    [("https://login.microsoftonline.com/", "/v2.0"), ("https://sts.windows.net/", "/")];
/// The same in the clouds of the US government and of China.
const NATIONAL_FORMS: [(&str, &str); 3] = [
    ("https://login.microsoftonline.us/", "/v2.0"),
    ("https://login.partner.microsoftonline.cn/", "/v2.0"),
    ("https://sts.chinacloudapi.cn/", "/"),
];
/// In place of a tenant, in the `issuer` of a key: every tenant.
const EVERY_TENANT: &str = "{tenantid}";

/// The tenant of an `iss`, if it is one of Entra's, in any cloud.
pub(super) fn tenant(issuer: &str) -> Option<&str> {
    named(issuer).filter(|tenant| is_guid(tenant))
}

/// The tenant of an `iss` of the public cloud that is written as Entra writes it: in lower case.
pub(super) fn tenant_as_issued(issuer: &str) -> Option<&str> {
    let is_lower = |tenant: &str| !tenant.bytes().any(|byte| byte.is_ascii_uppercase());
    within(FORMS, issuer).filter(|tenant| is_guid(tenant) && is_lower(tenant))
}

/// The `iss` values of a tenant.
pub(super) fn issuers(tenant: &str) -> [String; 2] {
    FORMS.map(|(start, end)| format!("{start}{tenant}{end}"))
}

/// The address of the key set of a tenant.
pub(super) fn jwks_url(tenant: &str) -> String {
    let (start, _) = FORMS[0];
    format!("{start}{tenant}/discovery/v2.0/keys")
}

/// The address of the key set of all tenants.
pub(super) fn common_jwks_url() -> String {
    jwks_url("common")
}

/// The only tenant whose tokens a key with this `issuer` signs; `None` for every tenant. A name that
/// is not one of Entra's is no tenant's.
pub(super) fn only_tenant(key_issuer: Option<&str>) -> Option<&str> {
    match key_issuer.and_then(named) {
        Some(EVERY_TENANT) => None,
        Some(tenant) if is_guid(tenant) => Some(tenant),
        _ => Some(""),
    }
}

pub(super) fn is_guid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12])
        && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

fn named(issuer: &str) -> Option<&str> {
    within(FORMS, issuer).or_else(|| within(NATIONAL_FORMS, issuer))
}

fn within<'i, const N: usize>(forms: [(&str, &str); N], issuer: &'i str) -> Option<&'i str> {
    forms.into_iter().find_map(|(start, end)| issuer.strip_prefix(start)?.strip_suffix(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a";

    #[test]
    fn the_tenant_of_an_issuer_is_read_strictly() {
        for issuer in issuers(GUID) {
            assert_eq!(tenant_as_issued(&issuer), Some(GUID));
            for other in [
                format!("{issuer}/"),
                format!(" {issuer}"),
                issuer.replace("https", "http"),
                issuer.replace("https://", "https://evil.test/"),
                issuer.replace(".com", ".com.evil.test").replace(".net", ".net.evil.test"),
                issuer.replace(GUID, "common"),
                issuer.replace(GUID, EVERY_TENANT),
                issuer.replace(GUID, &format!("{GUID}/{GUID}")),
                issuer.replace(GUID, &format!("{GUID}/../{GUID}")),
                issuer.replace(GUID, &format!("{GUID}%2f")),
                issuer.replace(GUID, &format!("{GUID}\n")),
                issuer.replace(GUID, ""),
                issuer.replace('-', "\u{2010}"),
                issuer.replace('a', "\u{430}"),
            ] {
                assert_eq!(tenant(&other), None, "{other}");
            }
            assert_eq!(tenant_as_issued(&issuer.replace(GUID, &GUID.to_uppercase())), None);
        }
        assert_eq!(tenant(&format!("https://sts.windows.net/{GUID}/v2.0")), None);
        assert_eq!(tenant(&format!("https://login.microsoftonline.com/{GUID}/")), None);
        let national = format!("https://login.microsoftonline.us/{GUID}/v2.0");
        assert_eq!((tenant(&national), tenant_as_issued(&national)), (Some(GUID), None));
    }

    #[test]
    fn a_key_signs_for_the_tenant_that_its_issuer_names() {
        let [of_tenant, _] = issuers(GUID);
        assert_eq!(only_tenant(Some(&of_tenant)), Some(GUID));
        assert_eq!(only_tenant(Some(&of_tenant.replace(GUID, EVERY_TENANT))), None);
        for other in [None, Some(""), Some("https://evil.test/{tenantid}/v2.0"), Some(EVERY_TENANT)]
        {
            assert_eq!(only_tenant(other), Some(""), "{other:?}");
        }
    }
}
