//! Ways through a document, as errors name them: `acceptors[1].port`.

use serde_json::{Value, json};
use zeroize::Zeroize;

/// One step of a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// The steps of a way. A key that has dots or brackets in it has none that lead there.
pub(super) fn steps(path: &str) -> impl Iterator<Item = Step<'_>> {
    path.split(['.', '[']).filter(|step| !step.is_empty()).map(|step| {
        let index = step.strip_suffix(']').and_then(|digits| digits.parse().ok());
        index.map_or(Step::Key(step), Step::Index)
    })
}

/// Makes a way longer.
pub(super) fn push(path: &mut String, step: Step<'_>) {
    match step {
        Step::Key(key) if path.is_empty() => path.push_str(key),
        Step::Key(key) => path.extend([".", key]),
        Step::Index(index) => path.push_str(&format!("[{index}]")),
    }
}

/// The way without its last step.
pub(super) fn parent(path: &str) -> &str {
    path.rfind(['.', '[']).and_then(|end| path.get(..end)).unwrap_or_default()
}

/// Whether the one way leads through the other's end, or is the same.
pub(super) fn leads_through(path: &str, end: &str) -> bool {
    path.strip_prefix(end).is_some_and(|rest| rest.is_empty() || end.is_empty() || rest.starts_with(['.', '[']))
}

pub(super) fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    steps(path).try_fold(value, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Index(index) => value.get(index),
    })
}

pub(super) fn at_mut<'a>(value: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    steps(path).try_fold(value, |value, step| match step {
        Step::Key(key) => value.get_mut(key),
        Step::Index(index) => value.get_mut(index),
    })
}

/// Puts a value where this way leads. What is missing on the way is made.
pub(super) fn put(into: &mut Value, path: &str, value: Value) {
    if let Some(place) = steps(path).try_fold(into, made) {
        *place = value;
    }
}

fn made<'a>(value: &'a mut Value, step: Step<'_>) -> Option<&'a mut Value> {
    match step {
        Step::Key(key) => {
            if !value.is_object() {
                *value = json!({});
            }
            Some(value.as_object_mut()?.entry(key).or_insert(Value::Null))
        }
        Step::Index(index) => {
            if !value.is_array() {
                *value = json!([]);
            }
            let array = value.as_array_mut()?;
            array.resize(array.len().max(index + 1), json!({}));
            array.get_mut(index)
        }
    }
}

/// Takes a value out, and says whether there was one.
pub(super) fn remove(value: &mut Value, path: &str) -> bool {
    let Some(inside) = at_mut(value, parent(path)) else { return false };
    let removed = match (inside, steps(path).last()) {
        (Value::Object(object), Some(Step::Key(key))) => object.remove(key),
        (Value::Array(array), Some(Step::Index(index))) if index < array.len() => Some(array.remove(index)),
        _ => None,
    };
    removed.map(|mut value| wipe(&mut value)).is_some()
}

/// Looks at every value, those inside others too, with the way to it.
pub(super) fn visit(value: &Value, path: &str, look: &mut impl FnMut(&str, &Value)) {
    look(path, value);
    match value {
        Value::Object(object) => object.iter().for_each(|(key, value)| visit(value, &longer(path, Step::Key(key)), look)),
        Value::Array(array) => {
            array.iter().enumerate().for_each(|(index, value)| visit(value, &longer(path, Step::Index(index)), look));
        }
        _ => {}
    }
}

fn longer(path: &str, step: Step<'_>) -> String {
    let mut longer = path.to_owned();
    push(&mut longer, step);
    longer
}

/// Overwrites every text in it.
pub(super) fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(array) => array.iter_mut().for_each(wipe),
        Value::Object(object) => object.values_mut().for_each(wipe),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_made_where_there_is_none() {
        let mut value = json!({ "acceptors": [] });
        put(&mut value, "acceptors[0].port", 7.into());
        put(&mut value, "cluster.quorum.seeds", 1.into());
        assert_eq!(value, json!({ "acceptors": [{ "port": 7 }], "cluster": { "quorum": { "seeds": 1 } } }));
        assert!(remove(&mut value, "acceptors[0].port") && !remove(&mut value, "acceptors[0].port"));
        assert!(remove(&mut value, "cluster") && !remove(&mut value, "routes[3]"));
        assert_eq!(value, json!({ "acceptors": [{}] }));
    }

    #[test]
    fn a_way_leads_through_what_is_before_its_end() {
        assert_eq!([parent("acceptors[1].port"), parent("acceptors[1]"), parent("tls")], ["acceptors[1]", "acceptors", ""]);
        assert!(leads_through("acceptors[1].port", "acceptors[1]") && leads_through("tls", "tls") && leads_through("tls", ""));
        assert!(!leads_through("acceptors[1].port_range", "acceptors[1].port") && !leads_through("tls", "tls.dir"));
    }
}
