//! What a node that runs says of its own certificates, and of the files that they come from.

use super::finding::{Check, Finding, Report};
use crate::failure::Code;
use crate::hint::Hint;
use crate::node::ExpiryStage;
use serde_json::Value;

/// The rows of a list; none where there is no such list.
pub(super) fn rows<'a>(status: &'a Value, key: &str) -> &'a [Value] {
    status.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// What is not there is the atom `none`.
pub(super) fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row.get(key).and_then(Value::as_str).filter(|text| *text != "none").unwrap_or_default()
}

pub(super) fn code(row: &Value) -> Option<Code> {
    text(row, "code").parse().ok()
}

/// Whether the node could take what lies in its files, and whether it goes by the CAs that lie there: it has compared their
/// keys, where who only meets it knows their names.
pub(super) fn sources(status: &Value, about: &str, report: &mut Report) {
    for row in rows(status, "sources") {
        let name = text(row, "name");
        report.add(match code(row) {
            Some(code) => {
                let said = format!("{name}: it goes on with what it has: {}", text(row, "reason"));
                Finding::of_code(Check::RunningSources, about, said, code).hinting(Hint::of(text(row, "hint").to_owned()))
            }
            None => Finding::good(Check::RunningSources, about, format!("{name}: what it last saw there it could take")),
        });
        report.add(if row.get("restart_required").and_then(Value::as_bool) == Some(true) {
            let said = format!("{name}: it goes by other CAs than those that lie there: restart required");
            Finding::of_code(Check::RunningCa, about, said, Code::RestartRequired)
        } else {
            Finding::good(Check::RunningCa, about, format!("{name}: it goes by the CAs that it last saw there"))
        });
    }
}

/// How long its certificates are good for, those of acceptors and routes among them.
pub(super) fn own_certificates(status: &Value, about: &str, report: &mut Report) {
    for row in rows(status, "own_certificates") {
        let stage = ExpiryStage::ALL.iter().find(|stage| stage.as_str() == text(row, "stage"));
        let said = format!("{} of {}: until {}, {}", text(row, "subject"), text(row, "holders"), text(row, "until"), text(row, "left"));
        let finding = match stage {
            Some(ExpiryStage::Well) => Finding::good(Check::RunningDates, about, said),
            Some(ExpiryStage::Expired) => Finding::of_code(Check::RunningDates, about, said, Code::Expired),
            Some(ExpiryStage::NotYetValid) => Finding::of_code(Check::RunningDates, about, said, Code::NotYetValid),
            _ => Finding::absent(Check::RunningDates, about, said),
        };
        report.add(match text(row, "hint") {
            "" => finding,
            hint => finding.hinting(Hint::of(hint.to_owned())),
        });
    }
}
