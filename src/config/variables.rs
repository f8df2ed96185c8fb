//! Variables of the environment in the strings of a configuration.

use super::fault::Fault;
use zeroize::Zeroizing;

/// A variable that stood in a string, and its value then.
#[derive(Clone)]
pub(super) struct Used {
    pub(super) name: String,
    pub(super) value: Zeroizing<String>,
}

/// What a variable holds.
pub(super) fn variable(name: &str) -> Result<Zeroizing<String>, Fault> {
    std::env::var(name).map(Zeroizing::new).map_err(|_| Fault::Variable(name.to_owned()))
}

/// The text with the value of each `${NAME}`, and with a `$` for each `$$`. A value is not looked at again.
pub(super) fn expand(
    text: &str,
    value: impl Fn(&str) -> Result<Zeroizing<String>, Fault>,
) -> Result<(Zeroizing<String>, Vec<Used>), Fault> {
    let (mut out, mut used, mut rest) = (Zeroizing::new(String::new()), Vec::new(), text);
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(behind) = after.strip_prefix('{') {
            let (name, behind) = behind.split_once('}').ok_or(Fault::Unfinished)?;
            let value = value(name)?;
            out.push_str(&value);
            used.push(Used { name: name.to_owned(), value });
            rest = behind;
        } else {
            out.push('$');
            rest = after.strip_prefix('$').unwrap_or(after);
        }
    }
    out.push_str(rest);
    Ok((out, used))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str) -> Result<String, String> {
        let value = |name: &str| match name {
            "A" => Ok(Zeroizing::new("one".to_owned())),
            "B" => Ok(Zeroizing::new("${A}$$".to_owned())),
            _ => Err(Fault::Variable(name.to_owned())),
        };
        expand(text, value).map(|(text, _)| text.to_string()).map_err(|fault| fault.to_string())
    }

    #[test]
    fn variables_are_replaced_once() {
        assert_eq!(expanded("${A} and ${A}, $A, ${B}"), Ok("one and one, $A, ${A}$$".to_owned()));
    }

    #[test]
    fn two_dollars_are_one_and_one_is_itself() {
        assert_eq!(expanded("$${A} $$$${A} ^db$ $"), Ok("${A} $${A} ^db$ $".to_owned()));
        assert_eq!(expanded("$$${A}"), Ok("$one".to_owned()));
    }

    #[test]
    fn a_variable_that_is_not_set_or_does_not_end_is_refused() {
        assert_eq!(expanded("${C}"), Err("the environment variable C is not set".to_owned()));
        assert_eq!(expanded("${A"), Err("a variable is written as ${NAME}, and here one does not end".to_owned()));
    }
}
