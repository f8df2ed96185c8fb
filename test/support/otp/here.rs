//! Which Erlang the tests meet: the installed one, or the one in the system below `COUNTERSIGN_OTP_ROOT`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Whether these programs are installed. A test that needs them says that it was skipped; where `CI` is `true` it fails.
pub(crate) fn programs_are_here(test: &str, programs: &[&str]) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let on_path = |program: &&str| std::env::split_paths(&folders).any(|folder| folder.join(program).is_file());
    here_or_skipped(test, &programs.join(" and "), programs.iter().all(on_path))
}

/// Whether a node of OTP with TLS can be started here. Debian ships `ssl` apart from `erl`.
pub(crate) fn otp_is_here(test: &str) -> bool {
    here_or_skipped(test, "erl with the application ssl", release().is_some())
}

/// Whether a node of Elixir with TLS can be started here.
#[allow(dead_code, reason = "most tests have nodes of Erlang only")]
pub(crate) fn elixir_is_here(test: &str) -> bool {
    let found = erlang("elixir").args(["-e", SAY_ELIXIR]).stdin(Stdio::null()).output();
    here_or_skipped(test, "elixir", found.is_ok_and(|found| found.stdout == b"elixir")) && otp_is_here(test)
}

/// The release, such as 25; nothing without `erl` or without its `ssl`.
pub(crate) fn release() -> Option<u32> {
    static RELEASE: OnceLock<Option<u32>> = OnceLock::new();
    *RELEASE.get_or_init(|| {
        let asked = erlang("erl").args(["-noshell", "-eval", SAY_RELEASE]).stdin(Stdio::null()).output().ok()?;
        String::from_utf8(asked.stdout).ok()?.trim().parse().ok()
    })
}

/// A program of Erlang's, without what the surroundings might tell it.
pub(crate) fn erlang(program: &str) -> Command {
    let mut command = match root() {
        Some(root) => {
            let mut command = Command::new("chroot");
            command.arg(root).arg(program);
            command
        }
        None => Command::new(program),
    };
    for variable in ["ERL_EPMD_ADDRESS", "ERL_FLAGS", "ERL_AFLAGS", "ERL_ZFLAGS", "ERL_LIBS", "ELIXIR_ERL_OPTIONS"] {
        command.env_remove(variable);
    }
    command.env("LANG", "C.UTF-8").env("ERL_CRASH_DUMP_SECONDS", "0");
    command
}

/// Where files must lie that Erlang reads.
pub(crate) fn folder_for_files() -> PathBuf {
    root().map_or_else(std::env::temp_dir, |root| PathBuf::from(root).join("tmp"))
}

/// The path by which Erlang knows a file.
pub(crate) fn as_erlang_sees(path: &Path) -> String {
    let inside = root().and_then(|root| path.strip_prefix(root).ok()).map(|inside| Path::new("/").join(inside));
    inside.as_deref().unwrap_or(path).to_str().unwrap().to_owned()
}

fn root() -> Option<OsString> {
    std::env::var_os("COUNTERSIGN_OTP_ROOT")
}

fn here_or_skipped(test: &str, what: &str, here: bool) -> bool {
    assert!(here || std::env::var("CI").as_deref() != Ok("true"), "{test} needs {what}, and CI must have it");
    if !here {
        eprintln!("skipped: {test} ({what} is not installed)");
    }
    here
}

const SAY_RELEASE: &str = "is_list(code:lib_dir(ssl)) andalso io:put_chars(erlang:system_info(otp_release)), halt().";
const SAY_ELIXIR: &str = "IO.write(:elixir)";
