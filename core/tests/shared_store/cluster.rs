//! A Redis that spreads its keys over several nodes.

use std::time::Duration;

use futures_util::future::join_all;
use stytch_m2m::TokenRequest;

use crate::issuer::token_request;
use crate::redis_server::Redis;
use crate::sharing::{client, process, token, token_server};

#[tokio::test]
async fn a_cluster_is_used_whichever_of_its_nodes_is_named() {
    let Some(nodes) = Redis::start_cluster() else { return };
    let server = token_server();
    // As many grants as it takes for both nodes to have some.
    let request = |n: usize| TokenRequest { client_id: format!("client-{n}"), ..token_request() };
    let (first, _) = client(&server, &nodes[0].url());
    for n in 0..20 {
        first.token(request(n)).await.unwrap();
    }
    assert_eq!(server.requests(), 20);
    for (which, node) in nodes.iter().enumerate() {
        assert!(!node.names().is_empty(), "node {which} has no token");
        assert!(node.names().iter().all(|name| !name.ends_with(":lock")), "a lock is left");
    }
    for node in &nodes {
        let (other, _) = client(&server, &node.url());
        let taken = join_all((0..20).map(|n| other.token(request(n)))).await;
        for (n, token) in taken.into_iter().enumerate() {
            assert_eq!(token.unwrap().access_token.expose(), format!("token-canary-{n}"));
        }
    }
    assert_eq!(server.requests(), 20, "shared");
}

#[tokio::test]
async fn a_cluster_that_lost_a_node_costs_nobody_a_token() {
    let Some([first, mut second]) = Redis::start_cluster() else { return };
    let server = token_server();
    let (source, clock) = process(&server, &first.url());
    token(&source).await;
    second.kill();
    for n in 1..4 {
        clock.advance(Duration::from_secs(3600));
        assert_eq!(token(&source).await, format!("token-canary-{n}"));
    }
}
