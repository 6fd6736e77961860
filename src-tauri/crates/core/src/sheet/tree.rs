//! A sheet's contents before anybody believes them: names, texts and lists, whatever format they came in.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// A value in a sheet.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// Text.
    Text(String),
    /// Several values.
    List(Vec<Node>),
    /// Named values, in order; a name may stand twice.
    Table(Vec<(String, Node)>),
    /// Something a sheet never holds: a number, a date, yes or no, nothing. What it is, in words.
    Other(&'static str),
}

impl Node {
    /// What it is, in words.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Node::Text(_) => "text",
            Node::List(_) => "a list",
            Node::Table(_) => "a group of fields",
            Node::Other(kind) => kind,
        }
    }

    /// How many levels of lists and tables are inside each other.
    pub(super) fn depth(&self) -> usize {
        match self {
            Node::Text(_) | Node::Other(_) => 0,
            Node::List(items) => 1 + items.iter().map(Node::depth).max().unwrap_or(0),
            Node::Table(fields) => 1 + fields.iter().map(|(_, value)| value.depth()).max().unwrap_or(0),
        }
    }

    /// The first name that stands twice in one table.
    pub(super) fn duplicate(&self) -> Option<&str> {
        match self {
            Node::Text(_) | Node::Other(_) => None,
            Node::List(items) => items.iter().find_map(Node::duplicate),
            Node::Table(fields) => fields.iter().enumerate().find_map(|(index, (name, value))| {
                let twice = fields.iter().take(index).any(|(earlier, _)| earlier == name);
                if twice { Some(name.as_str()) } else { value.duplicate() }
            }),
        }
    }

    /// Calls `see` with every name and text, and where it stands (`scopes.user`).
    pub(super) fn walk<'a>(&'a self, place: &str, see: &mut impl FnMut(&str, Option<&'a str>, &'a Node)) {
        match self {
            Node::Text(_) | Node::Other(_) => {}
            Node::List(items) => {
                for item in items {
                    see(place, None, item);
                    item.walk(place, see);
                }
            }
            Node::Table(fields) => {
                for (name, value) in fields {
                    let here = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
                    see(&here, Some(name), value);
                    value.walk(&here, see);
                }
            }
        }
    }
}

impl From<toml::Value> for Node {
    fn from(value: toml::Value) -> Self {
        match value {
            toml::Value::String(text) => Node::Text(text),
            toml::Value::Array(items) => Node::List(items.into_iter().map(Node::from).collect()),
            toml::Value::Table(fields) => {
                Node::Table(fields.into_iter().map(|(name, value)| (name, Node::from(value))).collect())
            }
            toml::Value::Integer(_) | toml::Value::Float(_) => Node::Other("a number"),
            toml::Value::Boolean(_) => Node::Other("yes or no"),
            toml::Value::Datetime(_) => Node::Other("a date"),
        }
    }
}

/// For JSON. TOML's parser refuses names that stand twice by itself; JSON's would keep the last and say nothing.
impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
                Ok(Node::Text(text.to_owned()))
            }

            fn visit_bool<E: Error>(self, _: bool) -> Result<Node, E> {
                Ok(Node::Other("yes or no"))
            }

            fn visit_i64<E: Error>(self, _: i64) -> Result<Node, E> {
                Ok(Node::Other("a number"))
            }

            fn visit_u64<E: Error>(self, _: u64) -> Result<Node, E> {
                Ok(Node::Other("a number"))
            }

            fn visit_f64<E: Error>(self, _: f64) -> Result<Node, E> {
                Ok(Node::Other("a number"))
            }

            fn visit_unit<E: Error>(self) -> Result<Node, E> {
                Ok(Node::Other("nothing"))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                Ok(Node::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Node, A::Error> {
                let mut table = Vec::new();
                while let Some(field) = fields.next_entry()? {
                    table.push(field);
                }
                Ok(Node::Table(table))
            }
        }
        deserializer.deserialize_any(Any)
    }
}
