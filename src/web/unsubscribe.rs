//! One click that ends a subscription (RFC 8058): GET shows a page with a button and changes nothing, POST does it.
//!
//! No cookie, no redirect, no session (RFC 8058 §3.2): what counts is the token in the path. The answer is given when the click
//! is in the inbox.

use super::library::{Library, Made};
use super::serve::{MANNERS, page, words};
use crate::letters::unsubscribe::ONE_CLICK;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{ALLOW, RETRY_AFTER};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use std::time::Duration;

/// A form with one field, in whichever encoding.
const LARGEST: usize = 4 << 10;
const SLOWEST: Duration = Duration::from_secs(10);

pub async fn answer(library: &Library, path: &str, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let made = match head.method {
        Method::GET | Method::HEAD => Ok(library.unsubscribe(path)),
        Method::POST => match one_click(body).await {
            Ok(()) => library.unsubscribed(path).await,
            Err(refusal) => return refusal,
        },
        _ => {
            let allowed = [(ALLOW, "GET, HEAD, POST")];
            return (StatusCode::METHOD_NOT_ALLOWED, MANNERS, allowed, "GET, HEAD and POST only\n").into_response();
        }
    };
    match made {
        Ok(Some(made)) => page(&made, &head.headers),
        Ok(None) => later("The archive is being read; please come back in a moment.\n"),
        Err(error) => {
            tracing::warn!("a click that ends a subscription could not be kept: {error}");
            later("This could not be written down, and is not done; please try again in a moment.\n")
        }
    }
}

fn later(why: &'static str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, MANNERS, [(RETRY_AFTER, "2")], why).into_response()
}

/// Whether the body says what it has to: as a form's field, or as a part (RFC 8058 §3.2).
async fn one_click(body: Body) -> Result<(), Response> {
    let refusal = |status, why: &'static str| words(status, why.into());
    let read = tokio::time::timeout(SLOWEST, to_bytes(body, LARGEST)).await;
    let Ok(read) = read else { return Err(refusal(StatusCode::REQUEST_TIMEOUT, "That took too long.\n")) };
    let Ok(bytes) = read else { return Err(refusal(StatusCode::PAYLOAD_TOO_LARGE, "That is too much.\n")) };
    let text = String::from_utf8_lossy(&bytes);
    match text.contains(ONE_CLICK.0) && text.contains(ONE_CLICK.1) {
        true => Ok(()),
        false => Err(refusal(StatusCode::BAD_REQUEST, "The form has to say List-Unsubscribe=One-Click.\n")),
    }
}

/// A page of this folder is nobody's but the reader's.
pub fn made(path: &str, plain: Option<Vec<u8>>, lost: impl FnOnce() -> Vec<u8>) -> Made {
    let found = plain.is_some();
    Made::of(&format!("{path}.html"), plain.unwrap_or_else(lost), found)
}
