//! What a node can do, as it says in its first message.

use std::fmt;
use std::ops::{BitAnd, BitOr};

/// A set of capabilities.
///
/// ```
/// use countersign::dist::Flags;
///
/// let both = Flags::DEFAULT & (Flags::DEFAULT | Flags::PUBLISHED);
/// assert!(both.contains(Flags::FRAGMENTS));
/// assert!(!both.contains(Flags::PUBLISHED), "a node is visible only if both sides say so");
/// assert_eq!((Flags::FRAGMENTS | Flags::SPAWN).to_string(), "FRAGMENTS SPAWN");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(u64);

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $bit:literal;)*) => {
        impl Flags {
            $($(#[$doc])* pub const $name: Self = Self(1 << $bit);)*
        }

        /// In the order of the bits.
        const NAMES: &[(Flags, &str)] = &[$((Flags::$name, stringify!($name)),)*];
    };
}

flags! {
    /// The node is to be seen by `nodes()` and by `global`.
    PUBLISHED = 0;
    /// The atom cache of old; not ours.
    ATOM_CACHE = 1;
    /// References of several words.
    EXTENDED_REFERENCES = 2;
    /// Monitors of processes.
    DIST_MONITOR = 3;
    /// Closures.
    FUN_TAGS = 4;
    /// Monitors of registered names. Without this and `DIST_MONITOR` OTP silently sends no monitors.
    DIST_MONITOR_NAME = 5;
    /// The atom cache of old for hidden nodes; not ours.
    HIDDEN_ATOM_CACHE = 6;
    /// Closures in their new form.
    NEW_FUN_TAGS = 7;
    /// Pids and ports with a creation of more than two bits.
    EXTENDED_PIDS_PORTS = 8;
    /// `fun module:function/arity`.
    EXPORT_PTR_TAG = 9;
    /// Bit strings.
    BIT_BINARIES = 10;
    /// Floats in eight bytes.
    NEW_FLOATS = 11;
    /// The I/O protocol with Unicode.
    UNICODE_IO = 12;
    /// The atom cache in the header of packets.
    DIST_HDR_ATOM_CACHE = 13;
    /// Atoms with a short length.
    SMALL_ATOM_TAGS = 14;
    /// Atoms in UTF-8.
    UTF8_ATOMS = 16;
    /// Maps.
    MAP_TAG = 17;
    /// Creations of 32 bits.
    BIG_CREATION = 18;
    /// Messages name their sender: SEND_SENDER.
    SEND_SENDER = 19;
    /// Labels of sequential tracing may be any term.
    BIG_SEQTRACE_LABELS = 20;
    /// Reasons of exits travel as payload.
    EXIT_PAYLOAD = 22;
    /// Long messages come in fragments.
    FRAGMENTS = 23;
    /// The handshake of OTP 23.
    HANDSHAKE_23 = 24;
    /// UNLINK_ID and UNLINK_ID_ACK.
    UNLINK_ID = 25;
    /// Stands for all that OTP 25 makes mandatory.
    MANDATORY_25_DIGEST = 26;
    /// SPAWN_REQUEST and SPAWN_REPLY.
    SPAWN = 32;
    /// The node asks its peer for a name.
    NAME_ME = 33;
    /// Identifiers with more bits.
    V4_NC = 34;
    /// ALIAS_SEND.
    ALIAS = 35;
    /// OTP 28's form of sends. Never set by us: unset it makes OTP 28 keep to ALIAS_SEND.
    ALTACT_SIG = 37;
}

impl Flags {
    /// No capability.
    pub const NONE: Self = Self(0);

    /// What OTP 25 refuses to do without.
    pub const MANDATORY_25: Self = Self(
        Self::EXTENDED_REFERENCES.0
            | Self::FUN_TAGS.0
            | Self::EXTENDED_PIDS_PORTS.0
            | Self::NEW_FUN_TAGS.0
            | Self::EXPORT_PTR_TAG.0
            | Self::BIT_BINARIES.0
            | Self::NEW_FLOATS.0
            | Self::UTF8_ATOMS.0
            | Self::MAP_TAG.0
            | Self::BIG_CREATION.0
            | Self::HANDSHAKE_23.0,
    );

    /// What a countersign node says: as OTP 25 to 27 do, but hidden.
    pub const DEFAULT: Self = Self(0xd_07df_7fbd & !Self::PUBLISHED.0);

    /// The one of this name, as [`Display`](fmt::Display) writes it.
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, known)| *known == name).map(|&(flag, _)| flag)
    }

    /// As they came from the wire.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// As they go onto the wire.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Whether all of `other` are there.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any of `other` is there.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// All but these.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// With the digest spelt out, so that one bit and all it stands for mean the same.
    #[must_use]
    pub const fn expanded(self) -> Self {
        if self.contains(Self::MANDATORY_25_DIGEST) { Self(self.0 | Self::MANDATORY_25.0) } else { self }
    }

    /// Which mandatory ones are not there.
    pub const fn missing(self) -> Self {
        Self::MANDATORY_25.without(self.expanded())
    }
}

impl BitAnd for Flags {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The names of those that have one.
impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = NAMES.iter().filter(|(flag, _)| self.contains(*flag));
        for (at, (_, name)) in named.enumerate() {
            let blank = if at == 0 { "" } else { " " };
            write!(f, "{blank}{name}")?;
        }
        Ok(())
    }
}
