//! The reasons of exits that have a meaning of their own.

use crate::etf::{Term, atom};

macro_rules! reasons {
    ($($name:ident)*) => {$(
        pub(super) const fn $name() -> Term {
            atom(stringify!($name))
        }
    )*};
}

reasons! { normal killed noproc noconnection shutdown mailbox_overflow abandoned }
