//! What a peer is called: by itself, and on its certificate. Each name is read once, and only if it can be read
//! in one way.

use super::host::{self, Host};
use super::oddity::Oddity;
use super::uri;
use crate::node_name::NodeName;
use crate::x509::name::is_printable;
use crate::x509::{Inspected, San};
use std::net::IpAddr;

/// The names of one kind, and why others of it cannot be read.
#[derive(Debug)]
pub(super) struct Kind<T> {
    pub(super) clear: Vec<T>,
    pub(super) oddity: Option<Oddity>,
}

impl<T> Kind<T> {
    fn take(&mut self, name: Result<T, Oddity>) {
        match name {
            Ok(name) => self.clear.push(name),
            Err(oddity) => self.oddity = self.oddity.or(Some(oddity)),
        }
    }
}

impl<T> Default for Kind<T> {
    fn default() -> Self {
        Self { clear: Vec::new(), oddity: None }
    }
}

/// The names on a certificate.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    pub(super) dns: Kind<Host>,
    pub(super) ip: Kind<IpAddr>,
    pub(super) uri: Kind<&'a str>,
    pub(super) cn: Kind<&'a str>,
    /// Addresses written as host names. They are neither, but whoever denies the address means them.
    pub(super) addresses: Vec<IpAddr>,
}

impl<'a> Names<'a> {
    pub(super) fn of(leaf: &'a Inspected) -> Self {
        let mut names = Self::default();
        for san in leaf.sans.iter().take(MOST_NAMES) {
            match san {
                San::Dns(text) => names.take_dns(text),
                San::Ip(address) => names.ip.clear.push(address.to_canonical()),
                San::Uri(text) => names.uri.take(uri::check(text).map(|()| text.as_str())),
                _ => {}
            }
        }
        names.cn.take_common_names(leaf);
        if leaf.sans.len() > MOST_NAMES {
            names.are_too_many();
        }
        names
    }

    fn take_dns(&mut self, text: &str) {
        match (host::address(text), Host::read(text)) {
            (Some(address), _) => self.addresses.push(address),
            // One system reads an address there and another one does not.
            (None, Err(Oddity::Number)) => {
                self.ip.take(Err(Oddity::Number));
                self.dns.take(Err(Oddity::Number));
            }
            (None, host) => self.dns.take(host),
        }
    }

    /// Who has so many hides one among them.
    fn are_too_many(&mut self) {
        self.dns.oddity = Some(Oddity::TooManyNames);
        self.ip.oddity = Some(Oddity::TooManyNames);
        self.uri.oddity = Some(Oddity::TooManyNames);
    }
}

impl<'a> Kind<&'a str> {
    fn take_common_names(&mut self, leaf: &'a Inspected) {
        match leaf.common_names.as_slice() {
            [] => {}
            [only] => self.take(common_name(only.as_deref())),
            _ => self.take(Err(Oddity::SeveralCommonNames)),
        }
    }
}

fn common_name(text: Option<&str>) -> Result<&str, Oddity> {
    let text = text.ok_or(Oddity::Unreadable)?;
    if text.chars().count() > LONGEST_COMMON_NAME {
        return Err(Oddity::TooLong);
    }
    if !is_printable(text) {
        return Err(Oddity::Control);
    }
    // X.520 counts no blanks at the ends, and of several that stand together only one.
    let is_blank = |c: char| c.is_whitespace() && c != ' ';
    if text.contains(is_blank) || text.split(' ').any(str::is_empty) { Err(Oddity::Unreadable) } else { Ok(text) }
}

/// The name of a node, with its host read as certificates have it.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) name: &'a str,
    pub(super) host: Result<NodeHost, Oddity>,
}

/// Where a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NodeHost {
    Named(Host),
    Address(IpAddr),
}

impl<'a> Node<'a> {
    pub(super) fn of(node: &'a NodeName) -> Self {
        Self { name: node.name(), host: NodeHost::read(node.host()) }
    }
}

impl NodeHost {
    fn read(text: &str) -> Result<Self, Oddity> {
        if let Some(address) = host::address(text) {
            return Ok(Self::Address(address));
        }
        let host = Host::written(text)?;
        if host.is_wildcard() { Err(Oddity::Wildcard) } else { Ok(Self::Named(host)) }
    }
}

/// More than any authority of the public puts on a certificate.
const MOST_NAMES: usize = 100;
/// X.520's bound.
const LONGEST_COMMON_NAME: usize = 64;
