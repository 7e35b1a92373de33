use super::*;

fn clients() -> Table {
    let mut table = Table::new(["CLIENT ID", "NAME", "STATUS", "SCOPES"]);
    let scopes = ["read:invoices", "write:invoices", "read:orders", "write:orders"].join(" ");
    table.add_row(["billing".into(), "Billing".into(), "active".into(), scopes]);
    table.add_row([
        "m2m-client-test-6f2d5a0c-1111-4a3b-9d0e-2f1f7a1c9b00".into(),
        "A name of several words that goes on for longer than most".into(),
        "inactive".into(),
        "read:users".into(),
    ]);
    table
}

#[test]
fn every_width_from_20_to_200_is_kept_and_loses_nothing() {
    let table = clients();
    for width in 20..=200 {
        let shown = table.fitted(Some(width));
        for line in shown.lines() {
            assert!(display_width(line) <= width, "{width}: {line:?}");
        }
        let letters = |text: &str| text.split_whitespace().collect::<String>();
        let all = letters(&shown);
        for word in ["billing", "write:orders", "inactive", "longer", "read:users"] {
            assert!(all.contains(word), "{width} lost {word}: {shown}");
        }
    }
}

#[test]
fn a_wrapped_cell_starts_no_row() {
    let shown = clients().fitted(Some(100));
    let rows: Vec<_> = shown.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(rows.len(), 3, "{shown}");
}

#[test]
fn a_wrapped_value_starts_no_field() {
    let value = format!("Billing{}status: inactive", " ".repeat(40));
    let shown = field("client_name", &value, Some(44));
    let fields: Vec<_> = shown.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(fields.len(), 1, "{shown}");
}

#[test]
fn without_a_terminal_a_row_is_a_line() {
    assert_eq!(clients().fitted(None).lines().count(), 3);
}
