//! The part of OData this slice understands: `$top`, `$skip`, `$orderby`, `$select`, `$count` and filters of the form
//! `Name eq 'value' and …`. Anything else is refused with words instead of being ignored.

use serde_json::{Map, Value, json};

use crate::orchestrator::refusal::Refusal;
use crate::params::{Params, Repeated};
use crate::state::State;

/// Orchestrator's own limit for `$top`.
const TOP_LIMIT: usize = 1000;

#[derive(Debug)]
pub(crate) struct Query {
    params: Params,
    key: Option<i64>,
}

impl Query {
    pub(crate) fn parse(query: &str, key: Option<i64>) -> Result<Self, Refusal> {
        let params = Params::parse(query.as_bytes()).map_err(|Repeated(name)| {
            Refusal::Invalid(format!("Query option '{name}' was specified more than once."))
        })?;
        if params.has("$expand") || params.has("$search") || params.has("$apply") {
            return Err(Refusal::Invalid(
                "The practice tenant understands $top, $skip, $orderby, $select, $count and $filter.".into(),
            ));
        }
        Ok(Self { params, key })
    }

    /// The key in `Jobs(12)`.
    pub(crate) fn key(&self) -> i64 {
        self.key.unwrap_or_default()
    }

    /// `take` and `skip`, as the plain API spells them.
    pub(crate) fn plain_number(&self, name: &str) -> Result<Option<usize>, Refusal> {
        self.params
            .get(name)
            .map(|text| {
                text.parse()
                    .map_err(|_| Refusal::Invalid(format!("The value '{text}' is not valid for {name}.")))
            })
            .transpose()
    }

    /// One page of `rows`, as `{"@odata.context":…,"@odata.count":…,"value":[…]}`.
    pub(crate) fn page(&self, practice: &State, set: &str, rows: Vec<Value>) -> Result<Value, Refusal> {
        let mut rows = rows;
        if let Some(filter) = self.params.get("$filter") {
            let wanted = conditions(filter)?;
            for (name, _) in &wanted {
                if rows.first().is_some_and(|row| row.get(name).is_none()) {
                    return Err(Refusal::Invalid(format!("Could not find a property named '{name}'.")));
                }
            }
            rows.retain(|row| wanted.iter().all(|(name, value)| row.get(name) == Some(value)));
        }
        if let Some(order) = self.params.get("$orderby") {
            sort(&mut rows, order)?;
        }
        let count = rows.len();
        let top = self.plain_number("$top")?.unwrap_or(TOP_LIMIT);
        if top > TOP_LIMIT {
            return Err(Refusal::Invalid(format!(
                "The limit of '{TOP_LIMIT}' for Top query has been exceeded."
            )));
        }
        let skip = self.plain_number("$skip")?.unwrap_or(0);
        let value: Vec<Value> = rows.into_iter().skip(skip).take(top).map(|row| self.selected(row)).collect();
        let mut page = Map::new();
        page.insert("@odata.context".into(), context(practice, set).into());
        if self.params.get("$count") == Some("true") {
            page.insert("@odata.count".into(), count.into());
        }
        page.insert("value".into(), value.into());
        Ok(Value::Object(page))
    }

    /// One entity.
    pub(crate) fn entity(&self, practice: &State, set: &str, row: Value) -> Value {
        let mut row = self.selected(row);
        if let Some(members) = row.as_object_mut() {
            members.insert("@odata.context".into(), format!("{}/$entity", context(practice, set)).into());
        }
        row
    }

    fn selected(&self, row: Value) -> Value {
        match (self.params.get("$select"), row) {
            (Some(select), Value::Object(members)) => {
                let names: Vec<&str> = select.split(',').map(str::trim).collect();
                Value::Object(
                    members.into_iter().filter(|(name, _)| names.contains(&name.as_str())).collect(),
                )
            }
            (_, row) => row,
        }
    }
}

fn context(practice: &State, set: &str) -> String {
    format!("{}/odata/$metadata#{set}", practice.base())
}

fn sort(rows: &mut [Value], order: &str) -> Result<(), Refusal> {
    let (name, descending) = match order.split_once(' ') {
        None => (order, false),
        Some((name, "asc")) => (name, false),
        Some((name, "desc")) => (name, true),
        Some(_) => return Err(Refusal::Invalid("Order by one property, asc or desc.".into())),
    };
    let key = |row: &Value| match row.get(name) {
        Some(Value::Number(number)) => (number.as_i64().unwrap_or_default(), String::new()),
        Some(other) => (0, other.as_str().unwrap_or_default().to_owned()),
        None => (0, String::new()),
    };
    rows.sort_by_key(key);
    if descending {
        rows.reverse();
    }
    Ok(())
}

/// `Name eq 'a''b' and Id eq 3` as names and values.
fn conditions(filter: &str) -> Result<Vec<(String, Value)>, Refusal> {
    let bad = || {
        Refusal::Invalid("The practice tenant understands filters like Name eq 'value' and Id eq 3.".into())
    };
    let mut rest = filter.trim();
    let mut found = Vec::new();
    loop {
        let (name, after) = rest.split_once(' ').ok_or_else(bad)?;
        let after = after.trim_start().strip_prefix("eq ").ok_or_else(bad)?.trim_start();
        let (value, after) = literal(after).ok_or_else(bad)?;
        found.push((name.to_owned(), value));
        rest = after.trim_start();
        if rest.is_empty() {
            return Ok(found);
        }
        rest = rest.strip_prefix("and ").ok_or_else(bad)?.trim_start();
    }
}

fn literal(text: &str) -> Option<(Value, &str)> {
    let Some(quoted) = text.strip_prefix('\'') else {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        let number = word.strip_suffix('L').unwrap_or(word);
        let value = match word {
            "true" => json!(true),
            "false" => json!(false),
            "null" => Value::Null,
            _ => json!(number.parse::<i64>().ok()?),
        };
        return Some((value, rest));
    };
    let mut value = String::new();
    let mut rest = quoted;
    loop {
        let (before, after) = rest.split_once('\'')?;
        value.push_str(before);
        match after.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => return Some((Value::String(value), after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_join_with_and_and_double_quotes_inside_strings() {
        assert_eq!(
            conditions("Name eq 'O''Hara and sons' and Id eq 3L").unwrap(),
            vec![("Name".to_owned(), json!("O'Hara and sons")), ("Id".to_owned(), json!(3))]
        );
    }

    #[test]
    fn a_filter_that_is_not_understood_is_refused() {
        for filter in ["Name", "contains(Name,'x')", "Name eq 'x", "Id gt 3", "Name eq 'x' or Id eq 1"] {
            assert!(conditions(filter).is_err(), "{filter}");
        }
    }
}
