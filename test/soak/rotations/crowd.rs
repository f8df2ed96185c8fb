//! All processes together: told what to do, and added up.

use crate::otp::Otp;
use crate::pki::Pki;
use crate::plan::{Mode, PEERS, Plan};
use crate::tally::Tally;
use crate::worker::Part;
use countersign::epmd::{Server, ServerOptions};
use countersign::rt::block_on;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

pub(crate) fn run(plan: Plan) -> ExitCode {
    println!("{} nodes in {} processes, {} links, {}", plan.nodes, plan.processes, plan.links(), plan.mode);
    let (pki, epmd) = (stocked(plan), block_on(Server::bind(ServerOptions::loopback())).unwrap());
    let others: Vec<Otp> =
        if plan.mode == Mode::Otp { (0..PEERS).map(|number| other(number, &pki, epmd.port())).collect() } else { Vec::new() };
    let mut workers: Vec<Worker> = (0..plan.processes).map(|at| Worker::start(&part(plan, at, &pki, epmd.port()))).collect();
    for step in ["link", "talk"] {
        tell(&mut workers, step);
        finish(&mut workers);
    }
    println!("linked; everybody talks");
    for other in &others {
        other.eval(WATCH);
    }
    let began = Instant::now();
    tell(&mut workers, "turn");
    until_enough(plan, &mut workers);
    let turning = began.elapsed();
    tell(&mut workers, "enough");
    finish(&mut workers);
    for step in ["settle", "quiet"] {
        tell(&mut workers, step);
        finish(&mut workers);
    }
    let seen: Vec<String> = others.iter().map(|other| other.eval("watcher ! {self(), say}, receive {gone, Gone} -> Gone end")).collect();
    let total = total(&workers);
    workers.into_iter().for_each(Worker::end);
    drop(epmd);
    verdict(plan, total, turning, &seen)
}

/// A certificate authority in files, with all certificates that will ever be put in force.
fn stocked(plan: Plan) -> Pki {
    let pki = Pki::new();
    for node in 0..plan.nodes {
        (0..plan.stock()).for_each(|number| drop(pki.issue(&format!("n{node}-{number}"))));
    }
    pki
}

fn other(number: usize, pki: &Pki, epmd: u16) -> Otp {
    Otp::node(&format!("x{number}@localhost"), pki, epmd).start()
}

fn part(plan: Plan, at: usize, pki: &Pki, epmd: u16) -> Part {
    let members = (at..plan.nodes).step_by(plan.processes).collect();
    Part { files: pki.path(""), epmd, mode: plan.mode, nodes: plan.nodes, dials: plan.dials(), stock: plan.stock(), members }
}

fn until_enough(plan: Plan, workers: &mut [Worker]) {
    let mut shown = Instant::now();
    loop {
        workers.iter_mut().for_each(Worker::listen);
        let total = total(workers);
        if shown.elapsed() > Duration::from_secs(10) {
            println!("{total}");
            shown = Instant::now();
        }
        if done(plan, total) >= plan.handovers || total.of("faults") > 0 {
            return;
        }
    }
}

fn done(plan: Plan, total: Tally) -> u64 {
    total.of(if plan.mode == Mode::Handover { "handovers" } else { "looked" })
}

fn verdict(plan: Plan, total: Tally, turning: Duration, seen_by_others: &[String]) -> ExitCode {
    println!("{total}, in {:.0} s", turning.as_secs_f64());
    if plan.mode == Mode::Otp {
        println!("nodes of OTP saw go: {}", seen_by_others.join(" "));
    }
    let (lost, faults) = (total.of("sent") - total.of("heard"), total.of("faults"));
    println!(
        "{} links: {} done, {lost} lost, {faults} faults (out of order, damaged, gone, or not the newest)",
        plan.links(),
        done(plan, total)
    );
    let is_whole = lost == 0 && faults == 0 && done(plan, total) >= plan.handovers && seen_by_others.iter().all(|gone| gone == "[]");
    if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn total(workers: &[Worker]) -> Tally {
    workers.iter().fold(Tally::default(), |sum, worker| sum.plus(worker.last))
}

fn tell(workers: &mut [Worker], what: &str) {
    workers.iter_mut().for_each(|worker| writeln!(worker.told, "{what}").unwrap());
}

fn finish(workers: &mut [Worker]) {
    for worker in workers {
        while !worker.next_line("done") {}
    }
}

/// One process, and what it has said last.
#[derive(Debug)]
struct Worker {
    child: Child,
    told: ChildStdin,
    says: BufReader<ChildStdout>,
    last: Tally,
}

impl Worker {
    fn start(part: &Part) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg("worker").args(part.arguments()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (told, says) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut worker = Self { child, told, says, last: Tally::default() };
        let mut line = String::new();
        worker.says.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "ready");
        worker
    }

    /// One line of how far it is.
    fn listen(&mut self) {
        self.next_line("so far");
    }

    /// Whether the next line begins like this.
    fn next_line(&mut self, with: &str) -> bool {
        let mut line = String::new();
        let length = self.says.read_line(&mut line).unwrap();
        assert!(length > 0, "process {} has ended", self.child.id());
        let line = line.trim();
        let said = line.strip_prefix("done ").or_else(|| line.strip_prefix("so far ")).and_then(|tally| tally.parse().ok());
        self.last = said.unwrap_or_else(|| panic!("process {} said {line}", self.child.id()));
        line.starts_with(with)
    }

    fn end(mut self) {
        drop(self.told);
        assert!(self.child.wait().unwrap().success());
    }
}

/// A process of OTP that remembers which nodes go, of those that are there when it begins: guests come and go.
const WATCH: &str = "Self = self(),
    spawn(fun() ->
        register(watcher, self()),
        Here = nodes(connected),
        net_kernel:monitor_nodes(true, [{node_type, all}]),
        Self ! watching,
        Watch = fun Watch(Gone) ->
            receive
                {nodedown, Node, _} -> Watch([Node || lists:member(Node, Here)] ++ Gone);
                {From, say} -> From ! {gone, Gone}, Watch(Gone);
                _ -> Watch(Gone)
            end
        end,
        Watch([])
    end),
    receive watching -> ok end";
