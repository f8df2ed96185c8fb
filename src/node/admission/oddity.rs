//! Why a name cannot be read for certain.

/// What makes a name ambiguous: two programs could take it for two different names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Oddity {
    /// A zero byte, another control character or one that turns the direction of writing.
    #[error("it has a control character")]
    Control,
    /// A character that host names and URIs write in another way: `xn--…`, or `%…`.
    #[error("it has a character beyond ASCII")]
    NotAscii,
    /// An empty label, one of more than 63 characters, or one of other characters than letters, digits, `-` and `_`.
    #[error("one of its labels is empty, too long, or has a character that host names do not have")]
    Label,
    /// A `*` that is not the whole left-most label.
    #[error("its * is not the whole left-most label")]
    Wildcard,
    /// It ends in a number, as addresses do, and is none as they are written: `10.1`, `010.0.0.1`, `0x7f.1`.
    #[error("it looks like an address, and is not written as one")]
    Number,
    /// Longer than its standard allows.
    #[error("it is too long")]
    TooLong,
    /// A URI that is not in its normal form, or none at all.
    #[error("it is no URI in its normal form")]
    Uri,
    /// A common name in an encoding that is read in different ways, or with blanks that are not seen.
    #[error("its characters cannot be read for certain")]
    Unreadable,
    /// There is more than one common name.
    #[error("there are several common names")]
    SeveralCommonNames,
    /// There are more names than are looked at.
    #[error("there are more names than are looked at")]
    TooManyNames,
}
