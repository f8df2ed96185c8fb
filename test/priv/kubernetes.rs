//! The manifests for Kubernetes: each names what another one makes.

use crate::program::understands;
use crate::{path, text, yaml};
use countersign::node_name::NodeName;
use serde_json::{Value, json};
use std::fs;

#[test]
fn every_manifest_is_read_and_says_what_it_is() {
    let mut names: Vec<String> =
        fs::read_dir(path("kubernetes")).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, FILES);
    for document in all() {
        let kind = [&document["apiVersion"], &document["kind"]].map(|value| value.as_str().unwrap());
        assert!(KINDS.contains(&kind), "{kind:?}");
        assert!(document["metadata"]["name"].is_string());
        let is_of_the_cluster = kind[1] == "ClusterIssuer";
        assert_eq!(document["metadata"]["namespace"].is_null(), is_of_the_cluster, "{kind:?}");
    }
}

#[test]
fn the_nodes_certificate_is_of_the_issuer_whose_ca_is_made_beside_it() {
    let certificate = one("Certificate", "countersign");
    let (issuer, ca) = (one("ClusterIssuer", "countersign"), one("Certificate", "countersign-ca"));
    assert_eq!(certificate["spec"]["issuerRef"]["name"], issuer["metadata"]["name"]);
    assert_eq!(issuer["spec"]["ca"]["secretName"], ca["spec"]["secretName"]);
    one("ClusterIssuer", ca["spec"]["issuerRef"]["name"].as_str().unwrap());
    assert_eq!((&ca["spec"]["isCA"], &ca["metadata"]["namespace"]), (&json!(true), &json!("cert-manager")));
    let spec = &certificate["spec"];
    assert_eq!((&spec["duration"], &spec["renewBefore"]), (&json!("2160h"), &json!("360h")));
    let has = |usage: &str| spec["usages"].as_array().unwrap().contains(&json!(usage));
    assert!(has("server auth") && has("client auth") && has("digital signature"));
}

#[test]
fn the_certificate_has_the_host_of_every_node_and_the_seeds_are_among_the_nodes() {
    let (set, service) = (one("StatefulSet", "countersign"), one("Service", "countersign"));
    let [name, namespace] = ["name", "namespace"].map(|key| set["metadata"][key].as_str().unwrap());
    assert_eq!((&set["spec"]["serviceName"], &service["metadata"]["namespace"]), (&service["metadata"]["name"], &json!(namespace)));
    let certificate = one("Certificate", "countersign");
    let hosts = certificate["spec"]["dnsNames"].as_array().unwrap();
    assert!(hosts.iter().all(|host| !host.as_str().unwrap().contains('*')), "a wildcard is no identity");
    let form = variable(&set, "NODE_NAME");
    let nodes = (0..set["spec"]["replicas"].as_u64().unwrap()).map(|number| form.replace("$(POD_NAME)", &format!("{name}-{number}")));
    let nodes: Vec<NodeName> = nodes.map(|node| node.parse().unwrap()).collect();
    for node in &nodes {
        assert_eq!(node.host(), format!("{}.{}.{namespace}.svc.cluster.local", node.name(), service["metadata"]["name"].as_str().unwrap()));
        assert!(hosts.contains(&json!(node.host())), "{node}");
    }
    let seeds: Vec<NodeName> = after(&arguments(&set), "--seed").iter().map(|seed| seed.parse().unwrap()).collect();
    assert!(seeds.len() > 1 && seeds.iter().all(|seed| nodes.contains(seed)), "{seeds:?}");
}

#[test]
fn the_pods_run_and_ask_what_the_program_has() {
    let set = one("StatefulSet", "countersign");
    let container = container(&set);
    assert_eq!(container["command"], json!(["countersign"]));
    let own = arguments(&set);
    understands(&own.iter().map(String::as_str).collect::<Vec<_>>());
    for probe in ["startupProbe", "readinessProbe"] {
        let command = container[probe]["exec"]["command"].as_array().unwrap();
        let [shell, flag, line] = &command[..] else { panic!("{command:?}") };
        assert_eq!((shell, flag), (&json!("/bin/sh"), &json!("-c")));
        let words: Vec<&str> = line.as_str().unwrap().strip_prefix("exec countersign ").unwrap().split(' ').collect();
        understands(&words);
        // By what the node itself shows and reads.
        for flag in ["--tls-dir", "--cookie-file"] {
            assert_eq!(words.iter().skip_while(|word| **word != flag).nth(1).unwrap(), &after(&own, flag)[0]);
        }
    }
    assert!(container["livenessProbe"]["exec"].is_null(), "a node whose certificate has ended must not be restarted for that");
}

#[test]
fn the_ports_are_the_same_wherever_they_stand() {
    let (set, service) = (one("StatefulSet", "countersign"), one("Service", "countersign"));
    let of = |ports: &Value, key: &str| -> Vec<(Value, Value)> {
        ports.as_array().unwrap().iter().map(|port| (port["name"].clone(), port[key].clone())).collect()
    };
    let ports = of(&container(&set)["ports"], "containerPort");
    assert_eq!(ports, of(&service["spec"]["ports"], "port"));
    assert_eq!(ports, [(json!("nodes"), json!(15_000)), (json!("epmd"), json!(4_369))]);
    assert_eq!(after(&arguments(&set), "--port"), ["15000"]);
    assert_eq!(container(&set)["livenessProbe"]["tcpSocket"]["port"], "nodes");
    assert_eq!(service["spec"]["selector"], set["spec"]["template"]["metadata"]["labels"]);
    assert_eq!(service["spec"]["selector"], set["spec"]["selector"]["matchLabels"]);
}

/// With a group for the files the kubelet adds 0440 to their mode; root stays their owner. `test/commands/lent.rs` shows
/// that a node takes that.
#[test]
fn what_is_mounted_is_where_the_node_looks_and_its_group_alone_can_read_it() {
    let set = one("StatefulSet", "countersign");
    let pod = &set["spec"]["template"]["spec"];
    let mounts = container(&set)["volumeMounts"].as_array().unwrap();
    let arguments = arguments(&set);
    let certificate = one("Certificate", "countersign");
    for (mount, flag) in mounts.iter().zip(["--tls-dir", "--cookie-file"]) {
        assert!(after(&arguments, flag)[0].starts_with(mount["mountPath"].as_str().unwrap()), "{mount}");
        assert!(mount["subPath"].is_null() && mount["readOnly"] == true, "{mount}");
        let volume = pod["volumes"].as_array().unwrap().iter().find(|volume| volume["name"] == mount["name"]).unwrap();
        assert_eq!(volume["secret"]["defaultMode"], 0o400, "{volume}");
    }
    assert_eq!((mounts.len(), &pod["volumes"][0]["secret"]["secretName"]), (2, &certificate["spec"]["secretName"]));
    let security = &pod["securityContext"];
    assert!(security["runAsNonRoot"] == true && security["fsGroup"].as_u64() > Some(0));
    assert_eq!(security["fsGroup"], security["runAsGroup"]);
}

#[test]
fn the_pods_may_do_no_more_than_a_node_does() {
    let set = one("StatefulSet", "countersign");
    let (pod, own) = (&set["spec"]["template"]["spec"], &container(&set)["securityContext"]);
    assert_eq!((&own["allowPrivilegeEscalation"], &own["readOnlyRootFilesystem"]), (&json!(false), &json!(true)));
    assert_eq!(own["capabilities"], json!({ "drop": ["ALL"] }));
    assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
    assert_eq!(pod["automountServiceAccountToken"], false);
}

fn all() -> Vec<Value> {
    FILES.iter().flat_map(|file| yaml::documents(&text(&format!("kubernetes/{file}")))).collect()
}

#[track_caller]
fn one(kind: &str, name: &str) -> Value {
    let found: Vec<Value> = all().into_iter().filter(|document| document["kind"] == kind && document["metadata"]["name"] == name).collect();
    let [document] = &found[..] else { panic!("{} of {kind} {name}", found.len()) };
    document.clone()
}

fn container(set: &Value) -> &Value {
    &set["spec"]["template"]["spec"]["containers"][0]
}

fn arguments(set: &Value) -> Vec<String> {
    container(set)["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect()
}

fn variable(set: &Value, name: &str) -> String {
    let found = container(set)["env"].as_array().unwrap().iter().find(|variable| variable["name"] == name).unwrap();
    found["value"].as_str().unwrap().to_owned()
}

/// The values of a flag.
fn after(arguments: &[String], flag: &str) -> Vec<String> {
    arguments.windows(2).filter(|pair| pair[0] == flag).map(|pair| pair[1].clone()).collect()
}

const FILES: [&str; 4] = ["certificate.yaml", "issuer.yaml", "service.yaml", "statefulset.yaml"];
const KINDS: [[&str; 2]; 4] =
    [["cert-manager.io/v1", "ClusterIssuer"], ["cert-manager.io/v1", "Certificate"], ["v1", "Service"], ["apps/v1", "StatefulSet"]];
