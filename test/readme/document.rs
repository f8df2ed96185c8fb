//! The blocks of a document that are for a terminal.
//!
//! A block bears the word `console` and the name of its terminal: blocks of one name are typed into one shell, one
//! after the other. A line that begins with a prompt is typed; what follows it must be said. A block that begins with
//! what is said shows what comes in a terminal in which something runs.

/// One block.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) terminal: String,
    /// Where it begins in the document.
    pub(crate) line: usize,
    pub(crate) steps: Vec<Step>,
}

/// What is typed, and what is said then.
#[derive(Debug, Default)]
pub(crate) struct Step {
    /// Behind a shell's prompt, and not behind Erlang's or Elixir's.
    pub(crate) is_for_the_shell: bool,
    pub(crate) typed: Vec<String>,
    pub(crate) said: Vec<String>,
}

/// All blocks for terminals, in their order.
pub(crate) fn blocks(document: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = document.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let Some(words) = line.strip_prefix("```") else { continue };
        let body: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
        if let Some(terminal) = words.strip_prefix("console ") {
            blocks.push(Block { terminal: terminal.to_owned(), line: index + 1, steps: steps(&body) });
        }
    }
    blocks
}

/// The languages of all blocks, so that none for a shell goes by another name and is never run.
pub(crate) fn languages(document: &str) -> Vec<&str> {
    let fences = document.lines().filter_map(|line| line.strip_prefix("```"));
    fences.step_by(2).map(|words| words.split(' ').next().unwrap_or_default()).collect()
}

fn steps(body: &[&str]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut here_document = None;
    for line in body {
        if let (Some(end), Some(step)) = (here_document, steps.last_mut()) {
            step.typed.push((*line).to_owned());
            here_document = here_document.filter(|_| *line != end);
        } else if let Some(typed) = typed(line) {
            here_document = typed.split_once("<<").map(|(_, end)| end.trim());
            steps.push(Step { is_for_the_shell: line.starts_with("$ "), typed: vec![typed.to_owned()], said: Vec::new() });
        } else {
            if steps.is_empty() {
                steps.push(Step::default());
            }
            steps.last_mut().unwrap().said.push((*line).to_owned());
        }
    }
    steps
}

/// What stands behind the prompt of a shell, or of Erlang's or Elixir's: `$ `, `1> `, `(name@host)1> `, `iex(1)> `.
fn typed(line: &str) -> Option<&str> {
    line.strip_prefix("$ ").or_else(|| {
        let (prompt, typed) = line.split_once("> ")?;
        let is_counted = prompt.trim_end_matches(')').ends_with(|c: char| c.is_ascii_digit());
        (is_counted && !prompt.contains(' ')).then_some(typed)
    })
}

#[test]
fn a_block_is_what_is_typed_and_what_is_said_then() {
    let document =
        "text\n```console one\n$ cat >x <<END\n$ in it\nEND\n$ say\na\n\nb\n```\n```rust\n```\n```console two\n1> f().\nok\n```\n";
    let blocks = blocks(document);
    let of = |index: usize| blocks.get(index).unwrap();
    let steps = |index: usize| of(index).steps.iter().map(|step| (step.typed.join("|"), step.said.join("|"))).collect::<Vec<_>>();
    assert_eq!((of(0).terminal.as_str(), of(0).line, of(1).terminal.as_str()), ("one", 2, "two"));
    let pair = |typed: &str, said: &str| (typed.to_owned(), said.to_owned());
    assert_eq!(steps(0), [pair("cat >x <<END|$ in it|END", ""), pair("say", "a||b")]);
    assert_eq!(steps(1), [pair("f().", "ok")]);
    assert_eq!(languages(document), ["console", "rust", "console"]);
}
