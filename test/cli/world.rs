//! A directory in which the program runs.

use crate::scratch::{Scratch, printed};

pub(crate) struct World(pub(crate) Scratch);

/// What one run of the program left behind.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl World {
    pub(crate) fn new() -> Self {
        Self(Scratch::new())
    }

    /// A CA, a node and a caller, in the default directory.
    pub(crate) fn furnished() -> Self {
        let world = Self::new();
        for arguments in ["cert ca -n Root", "cert agent -n a --dns localhost --ip 127.0.0.1", "cert client -n caller"] {
            world.done(arguments);
        }
        world
    }

    pub(crate) fn run(&self, arguments: &str) -> Ran {
        let output = self.0.run(env!("CARGO_BIN_EXE_countersign"), arguments);
        Ran { code: output.status.code().unwrap(), out: printed(&output.stdout), err: printed(&output.stderr) }
    }

    /// A run that must succeed.
    pub(crate) fn done(&self, arguments: &str) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "countersign {arguments}\n{}{}", ran.out, ran.err);
        ran
    }

    /// The same with JSON on standard output.
    pub(crate) fn json(&self, arguments: &str) -> (i32, serde_json::Value) {
        let ran = self.run(arguments);
        (ran.code, serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}\n{}{}", ran.out, ran.err)))
    }
}
