//! Why a text is no entry of a list.

use super::oddity::Oddity;
use crate::failure::{Code, Failure};
use crate::hint::Hint;

/// A text that says nobody, or could be read in two ways.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} names nobody: {fault}")]
pub struct NotAPattern {
    /// What was given.
    pub text: String,
    /// What is wrong with it.
    pub fault: PatternFault,
}

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternFault {
    /// It does not begin with a kind of name.
    #[error("it begins with none of node:, dns:, ip:, uri:, cn:")]
    Kind,
    /// A node without its host.
    #[error("the name of a node is name@host, and there is no @")]
    NoHost,
    /// What stands before the `@` is no name.
    #[error("before the @ stands something, without blanks and control characters, and all of it has at most 255 characters")]
    NodeName,
    /// There is nothing behind the kind.
    #[error("it is empty")]
    Empty,
    /// Two stars side by side.
    #[error("two * stand side by side")]
    Stars,
    /// A star in the scheme or the authority of a URI.
    #[error("a * may stand only behind the scheme and the authority")]
    Authority,
    /// A wildcard where one name is meant.
    #[error("it has a *, and here one name is meant")]
    NotExact,
    /// No address as it is written.
    #[error("it is no address, such as 10.1.2.3 or 2001:db8::1, without zeros before it and without a zone")]
    Address,
    /// No length of a network.
    #[error("behind the / stands no number of bits that the address has")]
    Prefix,
    /// A network with an address of a host in it.
    #[error("it has bits behind those that count")]
    HostBits,
    /// An address among host names.
    #[error("it is an address, and no host name")]
    AddressAsName,
    /// Something that names on certificates may not have either.
    #[error("{0}")]
    Odd(Oddity),
}

impl NotAPattern {
    fn example(&self) -> &'static str {
        match (self.fault, self.text.split(':').next().unwrap_or_default()) {
            (PatternFault::Kind, _) => {
                "begin with a kind: node:*@db.internal, dns:*.db.internal, ip:10.0.0.0/8, uri:erl:db@db.internal or cn:backup"
            }
            (PatternFault::NotExact, _) => "write the whole name; Callers::matching takes wildcards",
            (PatternFault::AddressAsName, _) => "write it as ip:10.0.0.0/8",
            (_, "node") => "write it as node:db-1@db.internal, node:*@db.internal or node:*@*.db.internal",
            (PatternFault::Odd(Oddity::NotAscii), "dns") => "write it as dns:*.db.internal; other letters in their ASCII form, xn--…",
            (_, "dns") => "write it as dns:db-1.internal or dns:*.db.internal",
            (_, "ip") => "write it as ip:10.1.2.3, ip:10.0.0.0/8 or ip:2001:db8::/32",
            (_, "uri") => "write it as uri:erl:db-1@db.internal or uri:spiffe://example.org/ns/*/sa/db, scheme and host in small letters",
            _ => "write it as cn:backup or cn:backup-*",
        }
    }
}

impl Failure for NotAPattern {
    fn code(&self) -> Code {
        Code::InvalidTlsConfiguration
    }

    fn hint(&self) -> Hint {
        Hint::fixed(self.example())
    }
}
