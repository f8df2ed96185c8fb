//! The other process, as the first one holds it.

use super::error::Mishap;
use crate::rt;
use crate::rt::channel::{Receiver, Sender, bounded};
use std::convert::Infallible;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

/// It ends when its standard input does, and so with this process, however that ends.
#[derive(Debug)]
pub(super) struct Companion {
    child: Child,
    said: Receiver<String>,
}

impl Companion {
    /// Starts this program again, as one node. `alive` is dropped when it has ended.
    pub(super) fn start(folder: &Path, epmd_port: u16, alive: Option<Sender<Infallible>>) -> Result<Self, Mishap> {
        let program = std::env::current_exe().map_err(Mishap::NotSpawned)?;
        let mut command = Command::new(program);
        command.arg("demo-node").arg("--folder").arg(folder).args(["--epmd-port", &epmd_port.to_string()]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        // A Ctrl-C at the terminal is for the first process, which ends this one in order.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().map_err(Mishap::NotSpawned)?;
        let (sender, said) = bounded(1);
        let stdout = child.stdout.take();
        let companion = Self { child, said };
        let listening = move || {
            let lines = stdout.into_iter().flat_map(|stdout| BufReader::new(stdout).lines()).map_while(Result::ok);
            // It says but one thing.
            lines.for_each(|line| drop(sender.try_send(line)));
            drop(alive);
        };
        thread::Builder::new().name("demo".to_owned()).spawn(listening).map_err(Mishap::NotSpawned)?;
        Ok(companion)
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where it listens, once it does.
    pub(super) async fn address(&self) -> Result<SocketAddr, Mishap> {
        let said = self.said.recv().await.map_err(|_| Mishap::ProcessEnded { status: None })?;
        said.parse().map_err(|_| Mishap::NoAddress { said })
    }

    /// Lets it end in order; kills it if it does not.
    pub(super) async fn end(&mut self) -> Option<ExitStatus> {
        drop(self.child.stdin.take());
        if let Ok(status) = rt::timeout(PATIENCE, self.ended()).await {
            return Some(status);
        }
        self.kill();
        self.child.wait().ok()
    }

    async fn ended(&mut self) -> ExitStatus {
        while self.said.recv().await.is_ok() {}
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status;
            }
            // The last that is heard of it is that its output has closed.
            rt::sleep(MOMENT).await;
        }
    }

    fn kill(&mut self) {
        // It fails where it has ended already.
        let _ = self.child.kill();
    }
}

impl Drop for Companion {
    fn drop(&mut self) {
        self.kill();
        let _ = self.child.wait();
    }
}

const MOMENT: Duration = Duration::from_millis(2);
/// Longer than a node takes to stop.
const PATIENCE: Duration = Duration::from_secs(5);
