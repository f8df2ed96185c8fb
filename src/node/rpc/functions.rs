//! What a node runs for its peers, and for whom.

use super::callers::Callers;
use super::invocation::Call;
use super::raised::Raised;
use crate::etf::{Atom, Term};
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

/// Exported functions, each with those who may call it. A node that is started without any runs nothing for anybody.
///
/// ```
/// use countersign::etf::Term;
/// use countersign::node::rpc::{Arity, Call, Callers, ExportRefused, Functions, Raised};
///
/// let operators = Callers::identities(["erl:ctl@ops.internal"])?;
/// let functions = Functions::new()
///     .export("counter", "read", 0, Callers::verified(), |_: Call| async { Ok::<_, Raised>(7) })?
///     .export("Elixir.Counter", "read", Arity::Any, operators, |_: Call| async { Ok::<_, Raised>(7) })?;
///
/// let again = functions.clone().export("counter", "read", 0, Callers::nobody(), |_: Call| async { Ok::<_, Raised>(8) });
/// assert!(matches!(again, Err(ExportRefused::Taken { .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Functions(HashMap<(Atom, Atom), Vec<Export>>);

/// What runs when an exported function is called: an async function from [`Call`] to a term or to [`Raised`], one
/// between types of Rust's ([`typed`](super::typed)), or a type that makes one out of something else.
pub trait Function: Send + Sync + 'static {
    /// Runs it. It is polled as a process of its own, [`Call::process`]: when that is ended, it is dropped.
    fn call(&self, call: Call) -> BoxFuture<'static, Result<Term, Raised>>;

    /// How many arguments it can do with. It is not exported under another number.
    fn takes(&self) -> Arity {
        Arity::Any
    }
}

impl<F, Fut, T> Function for F
where
    F: Fn(Call) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<T, Raised>> + Send + 'static,
    T: Into<Term>,
{
    fn call(&self, call: Call) -> BoxFuture<'static, Result<Term, Raised>> {
        self(call).map(|outcome| outcome.map(Into::into)).boxed()
    }
}

/// With how many arguments a function may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arity {
    /// With so many.
    Exactly(u8),
    /// With any number for which there is no function of its own.
    Any,
}

impl From<u8> for Arity {
    fn from(count: u8) -> Self {
        Self::Exactly(count)
    }
}

/// Why a function is not exported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExportRefused {
    /// A module or function whose name is no atom.
    #[error("a name has at most 255 characters")]
    TooLong,
    /// There is one of this name. It stays as it is, with the list that it has.
    #[error("{module}:{function} is exported already with this number of arguments")]
    Taken {
        /// Which module.
        module: Atom,
        /// Which function.
        function: Atom,
    },
    /// It takes another number of arguments than it is exported with: no call of it could succeed.
    #[error("{module}:{function} is exported with {exported} arguments, and takes {takes}")]
    OtherArity {
        /// Which module.
        module: Atom,
        /// Which function.
        function: Atom,
        /// With how many it was to be exported.
        exported: u8,
        /// With how many it can do.
        takes: u8,
    },
}

impl Failure for ExportRefused {
    fn code(&self) -> Code {
        match self {
            Self::OtherArity { .. } => Code::TermMismatch,
            Self::TooLong | Self::Taken { .. } => Code::NameInUse,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::TooLong => Hint::fixed("choose a shorter name"),
            Self::Taken { .. } => Hint::fixed("export it once, with all its callers in one list: Callers::or unites two"),
            Self::OtherArity { .. } => Hint::fixed("export it with as many arguments as its tuple has; a single one is (name,)"),
        }
    }
}

#[derive(Clone)]
pub(in crate::node) struct Export {
    arity: Arity,
    pub(in crate::node) callers: Callers,
    pub(in crate::node) function: Arc<dyn Function>,
}

impl Functions {
    /// None at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more: a module and a function by the names that callers use, and who may call it. A module of Elixir is
    /// called `Elixir.Name`.
    ///
    /// # Errors
    /// A name that is none, or one that is exported already; a function that takes another number of arguments.
    pub fn export(
        mut self,
        module: &str,
        function: &str,
        arity: impl Into<Arity>,
        callers: Callers,
        run: impl Function,
    ) -> Result<Self, ExportRefused> {
        let atom = |name| Atom::new(name).map_err(|_| ExportRefused::TooLong);
        let (module, function, arity) = (atom(module)?, atom(function)?, arity.into());
        if let (Arity::Exactly(exported), Arity::Exactly(takes)) = (arity, run.takes())
            && exported != takes
        {
            return Err(ExportRefused::OtherArity { module, function, exported, takes });
        }
        let exports = self.0.entry((module.clone(), function.clone())).or_default();
        if exports.iter().any(|export| export.arity == arity) {
            return Err(ExportRefused::Taken { module, function });
        }
        exports.push(Export { arity, callers, function: Arc::new(run) });
        Ok(self)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(in crate::node) fn find(&self, module: &Atom, function: &Atom, arity: usize) -> Option<&Export> {
        let exports = self.0.get(&(module.clone(), function.clone()))?;
        let of = |wanted: Arity| exports.iter().find(|export| export.arity == wanted);
        u8::try_from(arity).ok().and_then(|arity| of(Arity::Exactly(arity))).or_else(|| of(Arity::Any))
    }

    /// Those that somebody may call whom nobody vouches for.
    pub(in crate::node) fn dangerous(&self) -> impl Iterator<Item = (&Atom, &Atom)> {
        let is_dangerous = |exports: &[Export]| exports.iter().any(|export| export.callers.is_dangerous());
        self.0.iter().filter(move |(_, exports)| is_dangerous(exports)).map(|((module, function), _)| (module, function))
    }
}

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.0.iter().flat_map(|(name, exports)| exports.iter().map(move |export| (name, export)));
        f.debug_map().entries(all.map(|((module, function), export)| ((module, function, export.arity), &export.callers))).finish()
    }
}
