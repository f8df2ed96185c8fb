//! The cells: every case in every mode, in both directions, before and after a rotation.

use countersign::tls::ClientAuth;
use std::fmt;
use std::str::FromStr;

/// One cell of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Cell {
    pub(crate) case: Case,
    pub(crate) presenter: Presenter,
    /// Its place in [`ClientAuth::ALL`], so that cells have an order.
    mode: usize,
    pub(crate) rotation: Rotation,
}

impl Cell {
    /// The full product.
    pub(crate) fn all() -> Vec<Self> {
        let mut cells = Vec::new();
        for &case in Case::ALL {
            for &presenter in Presenter::ALL {
                for mode in 0..ClientAuth::ALL.len() {
                    cells.extend(Rotation::ALL.iter().map(|&rotation| Self { case, presenter, mode, rotation }));
                }
            }
        }
        cells
    }

    pub(crate) fn new(case: Case, presenter: Presenter, mode: ClientAuth, rotation: Rotation) -> Self {
        let mode = ClientAuth::ALL.iter().position(|&other| other == mode).unwrap();
        Self { case, presenter, mode, rotation }
    }

    pub(crate) fn mode(self) -> ClientAuth {
        ClientAuth::ALL[self.mode]
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} presented by the {}, {}, {} a rotation", self.case, self.presenter, self.mode(), self.rotation)
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident: $($(#[$item:meta])* $variant:ident = $word:literal),* $(,)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum $name { $($(#[$item])* $variant,)* }

        impl $name {
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)*];
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(match self { $(Self::$variant => $word,)* })
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(word: &str) -> Result<Self, String> {
                let found = Self::ALL.iter().find(|it| it.to_string() == word);
                found.copied().ok_or_else(|| format!("{word:?} is not a {}", stringify!($name)))
            }
        }
    };
}

words! {
    /// What is questionable.
    Case:
    Good = "good",
    WrongCa = "wrong_ca",
    Expired = "expired",
    NotYetValid = "not_yet_valid",
    WrongName = "wrong_name",
    /// Its name is the address that is dialled.
    IpName = "ip_name",
    /// Its name covers the one that is dialled by a star.
    Wildcard = "wildcard",
    ClientOnly = "client_only",
    ServerOnly = "server_only",
    SelfSigned = "self_signed",
    IntermediatePresent = "intermediate_present",
    IntermediateMissing = "intermediate_missing",
    IntermediateNotACa = "intermediate_not_a_ca",
    /// A leaf without the key usage digitalSignature.
    NoDigitalSignature = "no_digital_signature",
    /// RSA of 1,024 bits.
    WeakKey = "weak_key",
    Revoked = "revoked",
    /// Lists are in force, and its CA has none.
    RevocationUnknown = "revocation_unknown",
    /// No certificate at all.
    None = "none",
    KeyMismatch = "key_mismatch",
    Plaintext = "plaintext",
    Tls11 = "tls_1_1",
    ForeignAlpn = "foreign_alpn",
}

words! {
    /// Which side presents it.
    Presenter: Server = "server", Client = "client",
}

words! {
    /// When.
    Rotation: Before = "before", After = "after",
}
