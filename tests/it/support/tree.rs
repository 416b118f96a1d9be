//! An answer as a tree, whichever format it came in.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

/// A text, or named children in order. A list is its element's name, repeated.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Tree {
    Text(String),
    Children(Vec<(String, Tree)>),
}

impl Tree {
    pub(crate) fn of_json(value: &Value) -> Self {
        let children = match value {
            Value::Object(fields) => fields.iter().flat_map(|(name, value)| match value {
                Value::Array(items) => items.iter().map(|item| (name.clone(), Self::of_json(item))).collect(),
                other => vec![(name.clone(), Self::of_json(other))],
            }),
            Value::String(text) => return Self::text(text),
            Value::Null | Value::Array(_) => panic!("{value} has no place in an answer"),
            other => return Self::text(&other.to_string()),
        };
        Self::children(children.collect())
    }

    /// The tree under the root element, and the root's name.
    pub(crate) fn of_xml(xml: &str) -> (String, Self) {
        let mut reader = Reader::from_str(xml);
        let mut open = vec![(String::new(), Vec::new(), String::new())];
        loop {
            match reader.read_event().unwrap_or_else(|error| panic!("{error} in {xml}")) {
                Event::Start(tag) => {
                    open.push((tag.name().as_ref().to_owned(), Vec::new(), String::new()));
                }
                Event::End(_) => {
                    let (name, children, text) = open.pop().unwrap();
                    let tree = if children.is_empty() { Self::text(&text) } else { Self::children(children) };
                    open.last_mut().unwrap().1.push((name, tree));
                }
                Event::Text(text) => open.last_mut().unwrap().2.push_str(&text),
                Event::CData(text) => open.last_mut().unwrap().2.push_str(&text),
                Event::GeneralRef(reference) => {
                    let name: &str = &reference;
                    let resolved = quick_xml::escape::unescape(&format!("&{name};")).unwrap().into_owned();
                    open.last_mut().unwrap().2.push_str(&resolved);
                }
                Event::Decl(_) => {}
                Event::Eof => break,
                other => panic!("{other:?} in {xml}"),
            }
        }
        let (_, mut roots, _) = open.pop().unwrap();
        assert!(open.is_empty() && roots.len() == 1, "not one root in {xml}");
        roots.pop().unwrap()
    }

    /// Removes a child.
    pub(crate) fn remove(&mut self, name: &str) {
        let Self::Children(children) = self else { panic!("{self:?} has no children") };
        children.retain(|(known, _)| known != name);
    }

    /// An empty text and an element without children look alike in XML.
    fn text(text: &str) -> Self {
        if text.is_empty() { Self::Children(Vec::new()) } else { Self::Text(text.to_owned()) }
    }

    /// Sorted by name, so that only the order within a list counts.
    fn children(mut children: Vec<(String, Self)>) -> Self {
        children.sort_by(|one, other| one.0.cmp(&other.0));
        Self::Children(children)
    }
}
