//! What is asked of a node, what it answers, and all else that it prints.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

/// Everything that a node has said. Its lines are read by threads which end with the node.
#[derive(Debug, Default)]
pub(super) struct Said {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    answers: HashMap<u64, String>,
    output: String,
    ended: bool,
}

impl Said {
    pub(super) fn listen(out: impl Read + Send + 'static, err: impl Read + Send + 'static) -> Arc<Self> {
        let said = Arc::<Self>::default();
        let (from_out, from_err) = (Arc::clone(&said), Arc::clone(&said));
        thread::spawn(move || {
            lines(out, |line| from_out.hear(line));
            from_out.change(|state| state.ended = true);
        });
        thread::spawn(move || lines(err, |line| from_err.change(|state| state.keep(line))));
        said
    }

    pub(super) fn output(&self) -> String {
        self.lock().output.clone()
    }

    /// Nothing if the node ends without an answer, or does not answer in this time.
    pub(super) fn answer(&self, number: u64, patience: Duration) -> Option<String> {
        self.wait(patience, |state| state.ended || state.answers.contains_key(&number)).answers.remove(&number)
    }

    /// Whether the node's output has ended within this time.
    pub(super) fn ends(&self, patience: Duration) -> bool {
        self.wait(patience, |state| state.ended).ended
    }

    pub(super) fn is_answered(&self, number: u64) -> bool {
        self.lock().answers.contains_key(&number)
    }

    fn wait(&self, patience: Duration, until: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let deadline = Instant::now() + patience;
        let mut state = self.lock();
        while !until(&state) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.changed.wait_timeout(state, left).unwrap().0;
        }
        state
    }

    /// An answer may stand behind a line that somebody else left open.
    fn hear(&self, line: &str) {
        let answer = line.split_once(ANSWER).and_then(|(before, answer)| Some((before, answer.split_once(' ')?)));
        let parsed = answer.and_then(|(before, (number, value))| Some((before, number.parse().ok()?, value)));
        self.change(|state| match parsed {
            Some((before, number, value)) => {
                state.answers.insert(number, value.to_owned());
                if !before.is_empty() {
                    state.keep(before);
                }
            }
            None => state.keep(line),
        });
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl State {
    fn keep(&mut self, line: &str) {
        self.output.push_str(line);
        self.output.push('\n');
    }
}

/// An expression that a node is evaluating. Dropped, it goes on, and its answer is of no interest.
#[derive(Debug)]
#[must_use]
pub(crate) struct Pending {
    pub(super) said: Arc<Said>,
    pub(super) node: String,
    pub(super) number: u64,
    pub(super) expression: String,
}

impl Pending {
    /// The value as `~0tp` prints it.
    #[track_caller]
    pub(crate) fn wait(self) -> String {
        self.wait_for(super::PATIENCE)
    }

    #[track_caller]
    pub(crate) fn wait_for(self, patience: Duration) -> String {
        let Self { said, node, number, expression } = self;
        said.answer(number, patience).unwrap_or_else(|| panic!("{node} did not answer: {expression}\nIts output:\n{}", said.output()))
    }

    /// Whether `wait` would return at once.
    pub(crate) fn is_answered(&self) -> bool {
        self.said.is_answered(self.number)
    }
}

fn lines(stream: impl Read, mut hear: impl FnMut(&str)) {
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    while stream.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        hear(String::from_utf8_lossy(&line).trim_end_matches('\n'));
        line.clear();
    }
}

const ANSWER: &str = "counterpart-answer ";
