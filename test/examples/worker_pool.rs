//! A pool of workers under a supervisor: jobs wait in a queue, a worker that panics is replaced, and its job goes back.
//!
//! ```text
//! cargo run --example worker_pool             a hundred jobs for four workers
//! cargo run --example worker_pool -- 5000     as many as you like
//! ```
//! Each seventh job is too hard for whoever tries it first. It fails unless every job gets done, once.
#![expect(clippy::print_stdout, reason = "a program that talks to a person")]

use countersign::dist::Cookie;
use countersign::etf::{Atom, Pid, Reference, Term};
use countersign::node::{EpmdMode, Mail, Node, NodeOptions, Process};
use countersign::otp::gen_server::{Answer, Caller, Client, Deferred, GenServer, Launch, Step, Typed};
use countersign::otp::supervisor::{ChildSpec, Strategy, Supervisor};
use countersign::rt;
use countersign::testing::Ca;
use countersign::tls::CertAuth;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// What is asked of the queue.
#[derive(Serialize, Deserialize)]
enum Request {
    Take,
    Done { number: u64, square: u64 },
    Results,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Job {
    number: u64,
    attempt: u32,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Job>,
    idle: VecDeque<(Pid, Deferred)>,
    /// Each with the monitor that watches its worker.
    taken: Vec<(Reference, Job)>,
    squares: Vec<(u64, u64)>,
    given_back: usize,
    /// Who waits until all is done.
    customer: Option<Deferred>,
}

impl GenServer for Queue {
    type Call = Typed<Request>;
    type Cast = Term;

    async fn handle_call(&mut self, Typed(request): Typed<Request>, caller: Caller, process: &mut Process) -> Answer {
        let (worker, (promise, answer)) = (caller.pid().clone(), caller.defer());
        match request {
            Request::Take => self.idle.push_back((worker, promise)),
            Request::Results => self.customer = Some(promise),
            Request::Done { number, square } => {
                let of_this = |(_, job): &mut (Reference, Job)| job.number == number;
                self.taken.extract_if(.., of_this).for_each(|(watching, _)| process.demonitor(&watching));
                self.squares.push((number, square));
                promise.answer_typed(process, &()).await;
            }
        }
        self.hand_out(process).await;
        answer
    }

    /// A worker has ended with a job in its hands.
    async fn handle_info(&mut self, mail: Mail, process: &mut Process) -> Step {
        let its = |(watching, _): &mut (Reference, Job)| mail.down(watching).is_some();
        let given_back: Vec<_> = self.taken.extract_if(.., its).map(|(_, job)| Job { attempt: job.attempt + 1, ..job }).collect();
        self.given_back += given_back.len();
        self.waiting.extend(given_back);
        self.hand_out(process).await;
        Step::Wait
    }
}

impl Queue {
    async fn hand_out(&mut self, process: &mut Process) {
        while let Some((worker, promise)) = self.idle.pop_front_if(|_| !self.waiting.is_empty()) {
            let Some(job) = self.waiting.pop_front() else { return };
            self.taken.push((process.monitor(&worker).await, job));
            promise.answer_typed(process, &job).await;
        }
        if self.waiting.is_empty()
            && self.taken.is_empty()
            && let Some(customer) = self.customer.take()
        {
            customer.answer_typed(process, &(&self.squares, self.given_back)).await;
        }
    }
}

/// Does one job after the other. An error is a reason to end, and then the supervisor starts another one.
async fn work(mut process: Process) -> Result<(), String> {
    let queue = Client::of(QUEUE).within(PATIENCE);
    loop {
        let Job { number, attempt } = queue.call(&mut process, &Request::Take).await.map_err(|error| error.to_string())?;
        assert!(attempt > 1 || number % 7 != 0, "job {number} is too hard at first sight");
        let done = Request::Done { number, square: number * number };
        let () = queue.call(&mut process, &done).await.map_err(|error| error.to_string())?;
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    // So that it does not look like an accident.
    std::panic::set_hook(Box::new(|panic| println!("  a worker panics: {}", panic.payload_as_str().unwrap_or_default())));
    let jobs = std::env::args().nth(1).map_or(Ok(100), |jobs| jobs.parse())?;
    rt::block_on(employ(4, jobs))
}

async fn employ(workers: u64, jobs: u64) -> Result<(), Box<dyn Error>> {
    let ca = Ca::new();
    let options = NodeOptions {
        cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
        cookie: Some(Cookie::new(b"worker pool".to_vec())),
        // Nobody else is needed here. With both, an Erlang shell sees the pool: supervisor:which_children({pool, Node}).
        acceptors: vec![],
        epmd: EpmdMode::Off,
        ..NodeOptions::default()
    };
    let node = Node::start("pool@localhost", options).await?;
    let waiting = (1..=jobs).map(|number| Job { number, attempt: 1 }).collect();
    Launch::new(Queue { waiting, ..Queue::default() }).named(QUEUE).start(&node).await?;

    // Each seventh job costs a worker: so many restarts it must bear, and no more than that.
    let too_hard = usize::try_from(jobs / 7)?;
    let pool = Supervisor::new(Strategy::OneForOne).intensity(too_hard, PATIENCE).named(Atom::fixed("pool"));
    let pool = (1..=workers).fold(pool, |pool, number| pool.child(ChildSpec::worker(number, work)));
    let pool = pool.start(&node).await?;

    let queue = Client::of(QUEUE).within(PATIENCE);
    let (mut squares, given_back): (Vec<(u64, u64)>, usize) = queue.call(&node, &Request::Results).await?;
    squares.sort_unstable();
    let count = pool.count_children(&node).await?;
    println!("{} jobs done by {} workers, {given_back} of them at the second attempt", squares.len(), count.specs);
    assert!(squares.into_iter().eq((1..=jobs).map(|number| (number, number * number))), "each job is done, and once");
    assert_eq!(given_back, too_hard, "each seventh came back");
    pool.stop(&node).await?;
    node.stop().await;
    Ok(())
}

const QUEUE: Atom = Atom::fixed("queue");
/// Far longer than any of this takes.
const PATIENCE: Duration = Duration::from_secs(30);
