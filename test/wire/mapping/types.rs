//! A type of each form.

use countersign::etf::serde::charlist;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// What a test of a round trip asks of a type.
pub(crate) trait Value: Serialize + DeserializeOwned + PartialEq + Debug {}

impl<T: Serialize + DeserializeOwned + PartialEq + Debug> Value for T {}

macro_rules! types {
    ($($(#[$attribute:meta])* $kind:ident $name:ident { $($body:tt)* })*) => {$(
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        $(#[$attribute])*
        pub(crate) $kind $name { $($body)* }
    )*};
}

types! {
    #[serde(deny_unknown_fields)]
    struct User {
        pub(crate) id: u32,
        pub(crate) name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub(crate) nick: Option<String>,
    }

    struct Empty {}

    #[serde(transparent)]
    struct Chars {
        #[serde(with = "charlist")]
        pub(crate) text: String,
    }

    struct Lists {
        #[serde(with = "charlist")]
        pub(crate) motto: Option<String>,
        #[serde(with = "charlist")]
        pub(crate) names: Vec<String>,
        pub(crate) other: String,
    }

    #[serde(rename = "#point")]
    struct Point {
        pub(crate) x: i32,
        pub(crate) y: i32,
    }

    #[serde(rename = "{}")]
    struct Bare {
        pub(crate) a: u8,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) b: Option<u8>,
        pub(crate) c: u8,
    }

    #[serde(rename = "{}")]
    struct Nothing {}

    #[serde(rename = "%MyApp.Job")]
    struct Job {
        pub(crate) id: u64,
    }

    #[serde(rename = "%Range")]
    struct Range {
        pub(crate) first: i64,
        pub(crate) last: i64,
    }

    #[serde(rename_all = "snake_case")]
    enum Action {
        Delete,
        Rename(String),
        Resize(u32, u32),
        Crop { width: u32, height: u32 },
        #[serde(rename = "#resized")]
        Resized { width: u32, height: u32 },
        #[serde(rename = "#done")]
        Done,
        All(),
    }

    enum Plain {
        Verbatim,
    }

    #[serde(tag = "type", rename_all = "snake_case")]
    enum Inner {
        Box { height: u8 },
        Line,
    }

    #[serde(tag = "what", content = "of", rename_all = "snake_case")]
    enum Beside {
        Count(u8),
        Stop,
    }

    #[serde(untagged)]
    enum Either {
        Number(i64),
        Text(String),
        Pair(String, u8),
    }
}

macro_rules! short {
    ($($(#[$attribute:meta])* struct $name:ident $(($($field:ty),*))?;)*) => {$(
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        $(#[$attribute])*
        pub(crate) struct $name $(($(pub(crate) $field),*))?;
    )*};
}

short! {
    #[serde(rename = "stop")]
    struct Stop;
    #[serde(rename = "#tick")]
    struct Tick;
    #[serde(rename = "{}")]
    struct NothingAtAll;
    struct Id(u64);
    #[serde(rename = "#id")]
    struct TaggedId(u64);
    #[serde(rename = "{}")]
    struct Single(u64);
    struct Pair(u8, u8);
    #[serde(rename = "#point")]
    struct PointOfTwo(i32, i32);
}

pub(crate) fn chars(text: &str) -> Chars {
    Chars { text: text.to_owned() }
}
