//! Sections are objects. What serde derives takes an array, too, and reads its elements as values in the order of the
//! fields: `"tls": ["x"]` would name a directory.

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// What can be read from the keys of an object.
pub(super) trait Section<'de>: Sized {
    /// Such an object, as short as it can be.
    const SUCH_AS: &'static str;

    fn of_keys<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

pub(super) struct Keys<T>(pub(super) PhantomData<T>);

impl<'de, T: Section<'de>> Visitor<'de> for Keys<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object such as {}", T::SUCH_AS)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::of_keys(MapAccessDeserializer::new(map))
    }
}

/// Reads each of these types from an object alone. `serde(remote = "Self")` leaves what is derived as a function of
/// the type's own, which is called here.
macro_rules! sections {
    ($($section:ident: $such_as:literal),* $(,)?) => {
        $(
            impl<'de> $crate::config::raw::object::Section<'de> for $section {
                const SUCH_AS: &'static str = $such_as;

                fn of_keys<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    Self::deserialize(deserializer)
                }
            }

            impl<'de> serde::Deserialize<'de> for $section {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    deserializer.deserialize_map($crate::config::raw::object::Keys(std::marker::PhantomData))
                }
            }
        )*
    };
}

pub(super) use sections;
