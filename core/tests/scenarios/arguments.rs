//! The arguments of a step.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use stytch_m2m::{RequiredOrganization, SearchFilter, SearchOperator, SearchQuery, SearchRequest};

pub(crate) fn search(args: &mut Args) -> SearchRequest {
    let query = args.optional::<Option<Map<_, _>>>("query").map(|query| {
        let mut query = Args(query);
        let operator = match query.take::<String>("operator").as_str() {
            "AND" => SearchOperator::And,
            "OR" => SearchOperator::Or,
            other => panic!("there is no operator {other}"),
        };
        let operands = query.take::<Vec<Map<_, _>>>("operands").into_iter().map(filter).collect();
        query.end("a query");
        SearchQuery { operator, operands }
    });
    SearchRequest {
        cursor: args.optional("cursor"),
        limit: args.optional("limit"),
        query,
        organization_id: args.optional("organization_id"),
    }
}

fn filter(operand: Map<String, Value>) -> SearchFilter {
    let mut operand = Args(operand);
    let values = operand.take("filter_value");
    let name: String = operand.take("filter_name");
    operand.end("a filter");
    match name.as_str() {
        "client_id" => SearchFilter::ClientId(values),
        "client_name" => SearchFilter::ClientName(values),
        "scopes" => SearchFilter::Scopes(values),
        other => panic!("there is no filter {other}"),
    }
}

/// The arguments that are not taken yet.
pub(crate) struct Args(Map<String, Value>);

impl Args {
    pub(crate) fn new(with: &Value) -> Self {
        Self(with.as_object().unwrap().clone())
    }

    pub(crate) fn take<T: DeserializeOwned>(&mut self, name: &str) -> T {
        let value = self.0.remove(name).unwrap_or_else(|| panic!("{name} is missing"));
        serde_json::from_value(value).unwrap()
    }

    pub(crate) fn optional<T: DeserializeOwned + Default>(&mut self, name: &str) -> T {
        let value = self.0.remove(name);
        value.map(|value| serde_json::from_value(value).unwrap()).unwrap_or_default()
    }

    pub(crate) fn client_id(&mut self) -> String {
        self.take("client_id")
    }

    /// An id, or `{ "any": true }`.
    pub(crate) fn organization(&mut self) -> Option<RequiredOrganization> {
        match self.optional("organization") {
            Value::Null => None,
            Value::String(id) => Some(RequiredOrganization::Exactly(id)),
            any => {
                assert_eq!(any, json!({ "any": true }));
                Some(RequiredOrganization::Any)
            }
        }
    }

    /// Fails if something was not taken.
    pub(crate) fn end(self, of: &str) {
        assert!(self.0.is_empty(), "{of} takes no {:?}", self.0.keys());
    }
}
