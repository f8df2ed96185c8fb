//! The names on a certificate: what peers may dial, and who the holder says it is.

use super::warning::Warning;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::x509::name::is_label;
use der::asn1::Ia5String;
use std::net::IpAddr;
use x509_cert::ext::pkix::name::GeneralName;

/// Subject alternative names, each checked when it was added, each once.
///
/// ```
/// use countersign::authority::Names;
///
/// let names = Names::default().dns("db-1.internal")?.ip("10.0.0.7".parse()?).uri("erl:db@db-1.internal")?;
/// assert!(Names::default().dns("db 1").is_err());
/// # drop(names);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    entries: Vec<GeneralName>,
    warnings: Vec<Warning>,
}

impl Names {
    /// Adds a host name; a wildcard may be its whole first label. An address is taken too, because OTP
    /// looks for a literal `DNS:127.0.0.1`, but with a warning: everyone else looks at [`Self::ip`].
    ///
    /// # Errors
    /// [`NameRefused`] with the rule that the name breaks.
    pub fn dns(mut self, name: &str) -> Result<Self, NameRefused> {
        let is_address = name.parse::<IpAddr>().is_ok();
        if !is_address {
            host_name(name).map_err(|fault| NameRefused { name: name.to_owned(), fault })?;
        }
        if self.add(GeneralName::DnsName(ia5(name)?)) && is_address {
            self.warnings.push(Warning::AddressAsDnsName { name: name.to_owned() });
        }
        Ok(self)
    }

    /// Adds an address.
    #[must_use]
    pub fn ip(mut self, address: IpAddr) -> Self {
        self.add(GeneralName::from(address));
        self
    }

    /// Adds a URI such as `erl:name@host`, which carries a node's whole name.
    ///
    /// # Errors
    /// [`NameRefused`] if it is no URI.
    pub fn uri(mut self, uri: &str) -> Result<Self, NameRefused> {
        if !is_uri(uri) {
            return Err(NameRefused { name: uri.to_owned(), fault: NameFault::Uri });
        }
        self.add(GeneralName::UniformResourceIdentifier(ia5(uri)?));
        Ok(self)
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The names of an older certificate, as they are: also kinds that cannot be added here.
    pub(super) const fn copied(entries: Vec<GeneralName>) -> Self {
        Self { entries, warnings: Vec::new() }
    }

    pub(crate) fn entries(&self) -> &[GeneralName] {
        &self.entries
    }

    fn add(&mut self, name: GeneralName) -> bool {
        let is_new = !self.entries.contains(&name);
        self.entries.extend(is_new.then_some(name));
        is_new
    }

    pub(super) fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

/// A name that cannot stand on a certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} cannot stand on a certificate: {fault}")]
pub struct NameRefused {
    /// The name as it was given.
    pub name: String,
    /// The rule that it breaks.
    pub fault: NameFault,
}

/// What is wrong with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameFault {
    /// Certificates carry international names in their ASCII form only.
    #[error("it is not ASCII")]
    NotAscii,
    /// RFC 1035, section 2.3.4: 253 characters as written, 63 between two dots.
    #[error("it is empty or too long (253 characters, 63 between dots)")]
    Length,
    /// A blank, a NUL, a slash, a port …
    #[error("a host name has letters, digits, hyphens and dots")]
    Character,
    /// A star that is not the whole first label of at least three.
    #[error("a wildcard is the whole first label, with at least two behind it")]
    Wildcard,
    /// No scheme, or blanks.
    #[error("it is not a URI with a scheme")]
    Uri,
}

impl Failure for NameRefused {
    fn code(&self) -> Code {
        Code::InvalidTlsConfiguration
    }

    fn hint(&self) -> Hint {
        Hint::fixed(match self.fault {
            NameFault::NotAscii => "give the A-label, for example xn--mnchen-3ya.example",
            NameFault::Length => "give the host name that peers dial",
            NameFault::Character => "give the bare host name: no scheme, port, blank or dot at the end; addresses go into --ip",
            NameFault::Wildcard => "write *.nodes.example, or list each host with its own --dns",
            NameFault::Uri => "write for example erl:db@db-1.internal or spiffe://example.org/db",
        })
    }
}

fn host_name(name: &str) -> Result<(), NameFault> {
    let labels: Vec<&str> = name.split('.').collect();
    let (labels, wild) = match labels.split_first() {
        Some((&"*", rest)) => (rest.to_vec(), true),
        _ => (labels, false),
    };
    match () {
        () if !name.is_ascii() => Err(NameFault::NotAscii),
        // Verifiers want two labels behind a star, or the name matches nothing (webpki, like NSS).
        () if name.contains('*') && !wild || wild && (labels.len() < 2 || labels.iter().any(|label| label.contains('*'))) => {
            Err(NameFault::Wildcard)
        }
        () if name.is_empty() || name.len() > 253 || labels.iter().any(|label| label.len() > 63) => Err(NameFault::Length),
        () if labels.iter().any(|label| !is_label(label)) => Err(NameFault::Character),
        () => Ok(()),
    }
}

fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(inside)
        && !rest.is_empty()
        && rest.bytes().all(|byte| byte.is_ascii_graphic())
}

fn ia5(text: &str) -> Result<Ia5String, NameRefused> {
    Ia5String::new(text).map_err(|_| NameRefused { name: text.to_owned(), fault: NameFault::NotAscii })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_are_judged_by_the_rule_that_they_break() {
        for good in ["localhost", "db-1.internal", "*.nodes.example", "a_b.c", "xn--mnchen-3ya.example", "1.2.example"] {
            assert_eq!(host_name(good), Ok(()), "{good}");
        }
        for (bad, fault) in [
            ("", NameFault::Length),
            ("münchen.example", NameFault::NotAscii),
            ("a b", NameFault::Character),
            ("a\0b", NameFault::Character),
            ("host:5000", NameFault::Character),
            ("localhost.", NameFault::Character),
            ("-a", NameFault::Character),
            ("*", NameFault::Wildcard),
            ("*.local", NameFault::Wildcard),
            ("db-*.example.org", NameFault::Wildcard),
            ("a.*.example.org", NameFault::Wildcard),
        ] {
            assert_eq!(host_name(bad), Err(fault), "{bad:?}");
        }
    }
}
