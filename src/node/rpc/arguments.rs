//! Which types of Rust's are the arguments of a function.

use super::functions::Arity;

/// The arguments of a function as one value: a tuple with an element for each, `()` for none, or a `Vec` for any
/// number of one type.
///
/// A single argument is a tuple, too: `(name,)`. An argument alone would be taken for the list of them all.
/// A type of the program's own, which reads itself from a list, may be one as well:
///
/// ```
/// use countersign::node::rpc::{Arguments, Arity, Call, Callers, Functions, Raised, typed};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Resize(u32, u32);
///
/// impl Arguments for Resize {
///     const ARITY: Arity = Arity::Exactly(2);
/// }
///
/// let area = typed(|Resize(width, height): Resize| async move { Ok::<_, Raised>(u64::from(width) * u64::from(height)) });
/// let functions = Functions::new().export("image", "area", 2, Callers::verified(), area)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Arguments {
    /// How many they are.
    const ARITY: Arity;
}

impl<T> Arguments for Vec<T> {
    const ARITY: Arity = Arity::Any;
}

macro_rules! tuples {
    ($($count:literal: $($name:ident)*;)*) => {$(
        impl<$($name),*> Arguments for ($($name,)*) {
            const ARITY: Arity = Arity::Exactly($count);
        }
    )*};
}

// As many as serde has.
tuples! {
    0: ;
    1: A;
    2: A B;
    3: A B C;
    4: A B C D;
    5: A B C D E;
    6: A B C D E F;
    7: A B C D E F G;
    8: A B C D E F G H;
    9: A B C D E F G H I;
    10: A B C D E F G H I J;
    11: A B C D E F G H I J K;
    12: A B C D E F G H I J K L;
    13: A B C D E F G H I J K L M;
    14: A B C D E F G H I J K L M N;
    15: A B C D E F G H I J K L M N O;
    16: A B C D E F G H I J K L M N O P;
}
