//! The option file for nodes of OTP. That one starts with it and joins is shown in `test/interop/option_file.rs`.

use crate::text;

#[test]
fn both_halves_of_the_option_file_show_a_certificate_demand_one_and_speak_tls_1_3() {
    let file = text("ssl_dist.config");
    let file: String = file.lines().filter(|line| !line.trim_start().starts_with('%')).flat_map(|line| line.trim().chars()).collect();
    let (server, client) = file.split_once("{client, [").unwrap();
    for half in [server, client] {
        for option in ["{certfile, \"", "{keyfile, \"", "{cacertfile, \"", "{verify, verify_peer}", "{versions, ['tlsv1.3']}"] {
            assert_eq!(half.matches(option).count(), 1, "{option} in {half}");
        }
    }
    assert!(server.starts_with("[{server, [") && server.contains("{fail_if_no_peer_cert, true}"));
    assert!(client.ends_with("]}]."));
}
