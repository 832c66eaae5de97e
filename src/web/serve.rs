//! The pages over HTTP: GET and HEAD, validated by ETag (RFC 9110 §13.1.2), packed where the reader takes it. One thing can
//! be done here besides reading: `unsubscribe.rs`.
//!
//! No cookie, no script, nothing from elsewhere; whatever a page holds, a browser runs none of it. There is no TLS here and no
//! log of readers: a web server in front has both.

use super::library::{Library, Made};
use super::unsubscribe;
use crate::letters::unsubscribe::FOLDER;
use crate::mail::link::percent_decoded;
use crate::pages::site::paths;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, REFERRER_POLICY, RETRY_AFTER, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::serve::Listener;
use std::borrow::Cow;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// What every answer says of itself. A page may load its stylesheet from here, send its search here, and nothing else.
pub(super) const MANNERS: [(HeaderName, &str); 5] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    // Kept, and asked about each time: what is new is seen at once.
    (CACHE_CONTROL, "no-cache"),
];

/// Letters of a search.
const LONGEST: usize = 200;
/// After the system refused us a connection (too many files are open, say).
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `end` comes, and lets open answers end.
pub async fn serve(listener: Arc<TcpListener>, library: Arc<Library>, end: impl Future<Output = ()> + Send + 'static) {
    let router = Router::new().fallback(answer).with_state(library);
    let served = axum::serve(Door(listener), router).with_graceful_shutdown(end).await;
    // It has no error to return but for what it waits for.
    if let Err(error) = served {
        tracing::warn!("the archive is not served any more: {error}");
    }
}

/// An address that outlives who serves there: a new configuration goes on with it.
struct Door(Arc<TcpListener>);

impl Listener for Door {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            match self.0.accept().await {
                Ok((stream, from)) => {
                    // Answers are whole: there is nothing to wait for before sending.
                    let _ = stream.set_nodelay(true);
                    return (stream, from);
                }
                Err(error) => {
                    tracing::debug!("no connection: {error}");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

async fn answer(State(library): State<Arc<Library>>, request: Request) -> Response {
    let path = percent_decoded(request.uri().path());
    if let Some(linked) = path.strip_prefix('/').filter(|path| path.starts_with(&format!("{FOLDER}/"))) {
        return unsubscribe::answer(&library, linked, request).await;
    }
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        return (StatusCode::METHOD_NOT_ALLOWED, MANNERS, [(ALLOW, "GET, HEAD")], "GET and HEAD only\n")
            .into_response();
    }
    match path.as_str() {
        // The process lives.
        "/healthz" => return words(StatusCode::OK, "ok\n".into()),
        // It does its work, too.
        "/readyz" => {
            let troubles = library.troubles();
            return match troubles.is_empty() {
                true => words(StatusCode::OK, "ready\n".into()),
                false => words(StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {}\n", troubles.join(", ")).into()),
            };
        }
        _ => {}
    }
    let path = file(&path);
    let asked = request.uri().query().filter(|_| path == paths::SEARCH).and_then(searched);
    let made = match asked {
        Some(asked) => library.search(&asked).await,
        None => library.page(&path).await,
    };
    match made {
        Ok(Some(made)) => page(&made, request.headers()),
        Ok(None) => (
            StatusCode::SERVICE_UNAVAILABLE,
            MANNERS,
            [(RETRY_AFTER, "2")],
            "The archive is being read; please come back in a moment.\n",
        )
            .into_response(),
        Err(error) => {
            tracing::warn!(path = &*path, "a page could not be made: {error}");
            words(StatusCode::INTERNAL_SERVER_ERROR, "This page could not be made; its maintainer is told.\n".into())
        }
    }
}

pub(super) fn words(status: StatusCode, words: Cow<'static, str>) -> Response {
    (status, MANNERS, [(CONTENT_TYPE, "text/plain; charset=utf-8")], words.into_owned()).into_response()
}

/// `/xen2017/` → `xen2017/index.html`
fn file(path: &str) -> String {
    let path = path.trim_start_matches('/');
    match path.is_empty() || path.ends_with('/') {
        true => format!("{path}{}", paths::SUMMITS),
        false => path.to_owned(),
    }
}

/// The words of `?q=…`, as a form writes them (`+` for a blank).
fn searched(query: &str) -> Option<String> {
    let value = query.split('&').find_map(|pair| pair.strip_prefix("q="))?;
    let words: String = percent_decoded(&value.replace('+', " ")).chars().take(LONGEST).collect();
    Some(words.trim().to_owned()).filter(|words| !words.is_empty())
}

pub(super) fn page(made: &Made, asked: &HeaderMap) -> Response {
    let takes_packed = asked.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).is_some_and(takes_gzip);
    let packed = made.packed.as_ref().filter(|_| takes_packed);
    // Two forms are two things to keep.
    let tag = format!("\"{}{}\"", made.tag, if packed.is_some() { "-gzip" } else { "" });
    let known = asked.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let about = [(ETAG, tag.as_str()), (VARY, "accept-encoding")];
    if made.found && known.is_some_and(|known| matches(known, &tag)) {
        return (StatusCode::NOT_MODIFIED, MANNERS, about).into_response();
    }
    let status = if made.found { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let kind = [(CONTENT_TYPE, made.kind)];
    match packed {
        Some(packed) => {
            (status, MANNERS, about, kind, [(CONTENT_ENCODING, "gzip")], Body::from(packed.clone())).into_response()
        }
        None => (status, MANNERS, about, kind, Body::from(made.plain.clone())).into_response(),
    }
}

/// Whether `gzip` is among what is accepted, and not with the weight nothing (RFC 9110 §12.5.3).
fn takes_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.trim_matches(['0', '.']).is_empty());
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

/// Compared weakly, as If-None-Match is (RFC 9110 §13.1.2).
fn matches(known: &str, tag: &str) -> bool {
    known.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_its_index() {
        assert_eq!(file("/"), "index.html");
        assert_eq!(file("/xen2017/"), "xen2017/index.html");
        assert_eq!(file("//xen2017/S-1.html"), "xen2017/S-1.html");
    }

    #[test]
    fn a_search_is_read_as_forms_write_it() {
        assert_eq!(searched("x=1&q=zero+copy%21"), Some("zero copy!".into()));
        assert_eq!((searched("q=+"), searched("query=x")), (None, None));
    }

    #[test]
    fn what_a_reader_takes_and_has() {
        assert!(takes_gzip("deflate, gzip;q=0.5") && takes_gzip("GZIP"));
        assert!(!takes_gzip("gzip;q=0") && !takes_gzip("gzip;q=0.0") && !takes_gzip("br"));
        assert!(matches("\"a\", W/\"b\"", "\"b\"") && matches("*", "\"b\"") && !matches("\"a\"", "\"b\""));
    }
}
