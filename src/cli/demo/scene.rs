//! What a demo consists of.

use serde::Serialize;
use std::fmt;

/// The scenes, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Scene {
    Authority,
    Nodes,
    Link,
    Numbers,
    Rotation,
    Impostor,
    Shell,
    End,
}

impl Scene {
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Authority => "a CA for this demo alone",
            Self::Nodes => "two nodes, each in a process of its own",
            Self::Link => "a link over mutual TLS",
            Self::Numbers => "numbers, in order, in both directions",
            Self::Rotation => "a certificate is replaced while they flow",
            Self::Impostor => "an impostor",
            Self::Shell => "an Erlang shell",
            Self::End => "the end",
        }
    }
}

impl fmt::Display for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}
